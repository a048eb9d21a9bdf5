export { alertLinkMs, openPictureLink, pictureLink, SignedLinks, type Signing } from "./links.ts";
export { openPhotoLink, type PhotoLinks, photoLink } from "./photo-link.ts";
export type { AsSent, PictureLinks, PictureReader, PictureResizer, PictureStore } from "./ports.ts";
