/* The first look at what boxes delivered: the newest events, as they come. */

const byId = (id) => document.getElementById(id);
const askEvery = 3000;
const thumbnails = new Map();
let token = takeToken();
let timer;

/** The key of a sign-in link is behind #, which never leaves the browser; it is taken out of the address at once. */
function takeToken() {
  const linked = new URLSearchParams(location.hash.slice(1)).get("token");
  if (linked !== null) {
    sessionStorage.setItem("token", linked);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem("token");
}

async function ask(path) {
  const response = await fetch(path, { headers: { authorization: `Bearer ${token}` } });
  if (response.ok) return response;
  const { detail } = await response.json();
  throw Object.assign(new Error(detail), { status: response.status });
}

async function refresh() {
  clearTimeout(timer);
  if (token === null) {
    showSignIn("");
    return;
  }
  try {
    const q = new FormData(byId("narrow")).get("q");
    const filter = new URLSearchParams({ limit: "50", ...(q ? { q } : {}) });
    const { events } = await (await ask(`/v1/events?${filter}`)).json();
    byId("sign-in").hidden = true;
    byId("state").textContent = `updated ${new Date().toLocaleTimeString()}`;
    byId("events").replaceChildren(...events.map(row));
  } catch (error) {
    if (error.status === 401 || error.status === 403) {
      showSignIn(error.message);
      return;
    }
    byId("state").textContent = `no answer: ${error.message}`;
  }
  timer = setTimeout(refresh, askEvery);
}

function showSignIn(why) {
  byId("sign-in").hidden = false;
  byId("state").textContent = why;
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function row(event) {
  const { person, device, box, actions, flags } = event;
  const mark = (text, kind = "") => element("span", { className: `mark ${kind}` }, text);
  const who = element(
    "span",
    {},
    element("strong", {}, person.name ?? person.id ?? "nobody known"),
    mark(person.type, person.type),
  );
  const where = [box.id, device.name ?? device.ip ?? device.id].filter(Boolean).join(" · ");
  const when = element(
    "span",
    {},
    element("strong", {}, new Date(event.time).toLocaleString()),
    element("small", {}, where),
  );
  const marks = element("span", {});
  marks.append(
    ...actions.map(({ name, state }) => mark(`${name}: ${state}`, state)),
    ...flags.map((flag) => mark(flag)),
  );
  const made = element("button", { className: "event", type: "button" }, thumbnail(event), who, when, marks);
  made.addEventListener("click", () => {
    byId("event").querySelector("pre").textContent = JSON.stringify(event, null, 2);
    byId("event").showModal();
  });
  return made;
}

/** A picture needs the key in a header, which an <img> cannot send: it is fetched once and shown from memory. */
function thumbnail({ pictures }) {
  const picture = pictures.face ?? pictures.scene ?? pictures.registered;
  if (picture === undefined) return element("span", { className: "no-face" });
  const image = element("img", { alt: "" });
  if (!thumbnails.has(picture.sha256)) {
    if (thumbnails.size > 500) thumbnails.clear();
    thumbnails.set(
      picture.sha256,
      ask(picture.href)
        .then((response) => response.blob())
        .then((blob) => URL.createObjectURL(blob)),
    );
  }
  thumbnails.get(picture.sha256).then(
    (url) => {
      image.src = url;
    },
    () => thumbnails.delete(picture.sha256),
  );
  return image;
}

byId("sign-in").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  token = new FormData(byId("sign-in")).get("token").trim();
  sessionStorage.setItem("token", token);
  refresh();
});
byId("narrow").addEventListener("input", refresh);
byId("narrow").addEventListener("submit", (submitted) => submitted.preventDefault());
refresh();
