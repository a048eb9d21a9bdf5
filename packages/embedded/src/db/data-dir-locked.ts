/** Another process uses the data folder. */
export class DataDirLocked extends Error {
  constructor(path: string, options?: ErrorOptions) {
    super(`another Gatepost uses ${path}; stop it first, or give another folder with --data`, options);
    this.name = "DataDirLocked";
  }
}
