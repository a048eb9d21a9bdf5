import { basename, dirname, join } from "node:path";
import type { CallFacts, ChangeCall, NameCall, RenameCall, SyncCall } from "./calls.ts";
import { FileHistory } from "./file-history.ts";

/** A name that a folder got or lost; null if it lost it. */
type Naming = Map<string, Entry | null>;

interface Folder {
  isFolder: true;
  /** The names that were synced, as the disk has them. */
  durable: Map<string, Entry>;
  /** The names as processes see them. */
  visible: Map<string, Entry>;
  /** The changes since, in their order. A rename is one change of two names. */
  pending: { number: number; naming: Naming }[];
}

interface FileEntry {
  isFolder: false;
  history: FileHistory;
}

type Entry = Folder | FileEntry;

const newFolder = (): Folder => ({ isFolder: true, durable: new Map(), visible: new Map(), pending: [] });

/**
 * A disk that a recorded process writes to. It knows the synced part of each file and folder, and the part that a power
 * cut may still take. Names belong to their folder: a file that was synced is not found while the folder was not.
 */
export class Disk {
  readonly root: Folder = newFolder();
  readonly #path: string;
  readonly #syncs = new Map<number, number>();
  #number = 0;

  /**
   * @param path of the folder that all is below; its own name is durable
   * @param before the durable content from the beginning
   */
  constructor(path: string, { files, folders }: Tree = { files: new Map(), folders: [] }) {
    this.#path = path;
    for (const folder of folders) this.#loadFolder(join(path, folder));
    for (const [file, content] of files) {
      const folder = this.#loadFolder(dirname(join(path, file)));
      const entry: FileEntry = { isFolder: false, history: new FileHistory(content) };
      folder.durable.set(basename(file), entry);
      folder.visible.set(basename(file), entry);
    }
  }

  apply(call: CallFacts): void {
    this.#number += 1;
    switch (call.kind) {
      case "answer":
        return;
      case "sync-begin":
        this.#syncs.set(call.sync, this.#number);
        return;
      case "sync-end":
        this.#sync(call);
        return;
      case "change":
        this.#change(call);
        return;
      case "rename":
        this.#move(call);
        return;
      default:
        this.#name({ kind: call.kind, path: call.path });
    }
  }

  #change({ path, change }: ChangeCall): void {
    const entry = this.#find(path);
    // A file that was removed while it was open: it cannot be found again.
    if (entry === null || entry.isFolder) return;
    const { history } = entry;
    if ("size" in change) history.change({ number: this.#number, size: change.size });
    else history.change({ number: this.#number, offset: change.offset ?? history.size, data: change.data });
  }

  #name({ kind, path }: NameCall): void {
    const folder = this.#folderOf(path);
    if (folder === null) return;
    const name = basename(path);
    if (kind === "make-folder") this.#note(folder, [[name, newFolder()]]);
    else if (kind !== "create") this.#note(folder, [[name, null]]);
    else if (!folder.visible.has(name))
      this.#note(folder, [[name, { isFolder: false, history: new FileHistory(Buffer.alloc(0)) }]]);
  }

  #move({ path, to }: RenameCall): void {
    const folder = this.#folderOf(path);
    if (folder === null || this.#folderOf(to) !== folder) throw new Error(`renamed into another folder: ${to}`);
    const moved = folder.visible.get(basename(path)) ?? null;
    this.#note(folder, [
      [basename(path), null],
      [basename(to), moved],
    ]);
  }

  #note(folder: Folder, names: [string, Entry | null][]): void {
    const naming: Naming = new Map(names);
    folder.pending.push({ number: this.#number, naming });
    applyNaming(folder.visible, naming);
  }

  #sync({ path, sync, isDone }: SyncCall): void {
    const upTo = this.#syncs.get(sync) ?? 0;
    const entry = this.#find(path);
    if (entry === null) return;
    if (entry.isFolder && isDone) syncNames(entry, upTo);
    else if (!entry.isFolder) entry.history[isDone ? "sync" : "fail"](upTo);
  }

  #find(path: string): Entry | null {
    if (path === this.#path) return this.root;
    const folder = this.#folderOf(path);
    return folder?.visible.get(basename(path)) ?? null;
  }

  #folderOf(path: string): Folder | null {
    const above = this.#find(dirname(path));
    return above?.isFolder === true ? above : null;
  }

  #loadFolder(path: string): Folder {
    if (path === this.#path) return this.root;
    const above = this.#loadFolder(dirname(path));
    const known = above.visible.get(basename(path));
    if (known?.isFolder === true) return known;
    const made = newFolder();
    above.durable.set(basename(path), made);
    above.visible.set(basename(path), made);
    return made;
  }
}

function syncNames(folder: Folder, upTo: number): void {
  const covered = folder.pending.filter(({ number }) => number < upTo);
  for (const { naming } of covered) applyNaming(folder.durable, naming);
  folder.pending = folder.pending.slice(covered.length);
}

function applyNaming(names: Map<string, Entry>, naming: Naming): void {
  for (const [name, entry] of naming) {
    if (entry === null) names.delete(name);
    else names.set(name, entry);
  }
}

/** A folder as a disk shows it: the content of each file by its path, and the folders. */
export interface Tree {
  files: Map<string, Buffer>;
  folders: string[];
}

/** Decides the state after a cut: the remaining changes of each folder, and the content of each file. */
export interface Fate {
  namings(pending: number): (index: number) => boolean;
  content(history: FileHistory): Buffer;
}

/** The disk as it is found after a cut. */
export function afterCut({ root }: Disk, fate: Fate): Tree {
  const tree: Tree = { files: new Map(), folders: [] };
  const walk = (folder: Folder, path: string) => {
    const names = new Map(folder.durable);
    const stays = fate.namings(folder.pending.length);
    for (const [index, { naming }] of folder.pending.entries()) if (stays(index)) applyNaming(names, naming);
    for (const [name, entry] of names) {
      const below = join(path, name);
      if (!entry.isFolder) tree.files.set(below, fate.content(entry.history));
      else {
        tree.folders.push(below);
        walk(entry, below);
      }
    }
  };
  walk(root, "");
  return tree;
}
