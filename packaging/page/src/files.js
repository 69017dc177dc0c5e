// The files that the program sees: the exports, which stay where they are and are read piece by piece, and what the program writes.
import { Directory, Fd, File, Inode, OpenFile, wasi } from "@bjorn3/browser_wasi_shim";

// An export that the user chose. Only the pieces that the program asks for are read.
export class Export extends Inode {
  // `onRead` gets the number of bytes of each piece, or null if the file was changed or removed after the user chose it.
  constructor(blob, onRead) {
    super();
    this.blob = blob;
    this.onRead = onRead;
  }

  stat() {
    return new wasi.Filestat(this.ino, wasi.FILETYPE_REGULAR_FILE, BigInt(this.blob.size));
  }

  path_open(oflags, rights) {
    const writes = (rights & BigInt(wasi.RIGHTS_FD_WRITE)) !== 0n || (oflags & wasi.OFLAGS_TRUNC) !== 0;
    // Inputs are never modified.
    return writes ? { ret: wasi.ERRNO_ROFS, fd_obj: null } : { ret: 0, fd_obj: new OpenExport(this) };
  }
}

// Bytes that are read at a time.
const AHEAD = 8 << 20;

class OpenExport extends OpenFile {
  constructor(file) {
    super(file);
    this.reader = new FileReaderSync();
    this.ahead = new Uint8Array(0);
    this.begin = 0;
  }

  fd_pread(size, offset) {
    const begin = Number(offset);
    const end = Math.min(begin + size, this.file.blob.size);
    if (begin < this.begin || end > this.begin + this.ahead.length) {
      try {
        // Each order to the browser takes long, so more is read than is asked for.
        const piece = this.file.blob.slice(begin, Math.max(end, begin + AHEAD));
        this.ahead = new Uint8Array(this.reader.readAsArrayBuffer(piece));
        this.begin = begin;
      } catch {
        this.file.onRead(null);
        return { ret: wasi.ERRNO_IO, data: new Uint8Array() };
      }
    }
    const data = this.ahead.subarray(begin - this.begin, Math.max(end - this.begin, begin - this.begin));
    this.file.onRead(data.length);
    return { ret: 0, data };
  }

  fd_read(size) {
    const read = this.fd_pread(size, this.file_pos);
    this.file_pos += BigInt(read.data.length);
    return read;
  }

  fd_seek(offset, whence) {
    const from = [0n, this.file_pos, BigInt(this.file.blob.size)][whence];
    if (from === undefined || from + offset < 0n) return { ret: wasi.ERRNO_INVAL, offset: 0n };
    this.file_pos = from + offset;
    return { ret: 0, offset: this.file_pos };
  }

  fd_write() {
    return { ret: wasi.ERRNO_BADF, nwritten: 0 };
  }

  fd_pwrite() {
    return { ret: wasi.ERRNO_BADF, nwritten: 0 };
  }
}

// A folder whose new files grow by doubling: those of the library are copied whole at every write.
export class Folder extends Directory {
  create_entry_for_path(path, isFolder) {
    const made = super.create_entry_for_path(path, isFolder);
    if (made.entry !== null && !isFolder) {
      const { parent_entry, filename } = this.parentOf(path);
      made.entry = new Output();
      parent_entry.contents.set(filename, made.entry);
    }
    return made;
  }

  parentOf(path) {
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    const filename = parts.pop();
    const parent_entry = parts.reduce((folder, part) => folder.contents.get(part), this);
    return { parent_entry, filename };
  }
}

class Output extends File {
  constructor() {
    super(new Uint8Array(0));
    this.length = 0;
  }

  get size() {
    return BigInt(this.length);
  }

  // The bytes that were written, without the room behind them.
  bytes() {
    return this.data.subarray(0, this.length);
  }

  path_open(oflags) {
    if ((oflags & wasi.OFLAGS_TRUNC) !== 0) this.length = 0;
    return { ret: 0, fd_obj: new OpenOutput(this) };
  }
}

class OpenOutput extends Fd {
  constructor(file) {
    super();
    this.file = file;
    this.at = 0;
  }

  fd_fdstat_get() {
    return { ret: 0, fdstat: new wasi.Fdstat(wasi.FILETYPE_REGULAR_FILE, 0) };
  }

  fd_filestat_get() {
    return { ret: 0, filestat: this.file.stat() };
  }

  fd_filestat_set_size(size) {
    this.room(Number(size));
    this.file.length = Number(size);
    return 0;
  }

  fd_write(data) {
    const written = this.fd_pwrite(data, BigInt(this.at));
    this.at += written.nwritten;
    return written;
  }

  fd_pwrite(data, offset) {
    const end = Number(offset) + data.length;
    this.room(end);
    this.file.data.set(data, Number(offset));
    this.file.length = Math.max(this.file.length, end);
    return { ret: 0, nwritten: data.length };
  }

  fd_pread(size, offset) {
    return { ret: 0, data: this.file.bytes().slice(Number(offset), Number(offset) + size) };
  }

  fd_read(size) {
    const read = this.fd_pread(size, BigInt(this.at));
    this.at += read.data.length;
    return read;
  }

  fd_seek(offset, whence) {
    const to = [0, this.at, this.file.length][whence] + Number(offset);
    if (!(to >= 0)) return { ret: wasi.ERRNO_INVAL, offset: 0n };
    this.at = to;
    return { ret: 0, offset: BigInt(to) };
  }

  fd_tell() {
    return { ret: 0, offset: BigInt(this.at) };
  }

  room(size) {
    if (size <= this.file.data.length) return;
    const larger = new Uint8Array(Math.max(size, 2 * this.file.data.length, 1 << 16));
    larger.set(this.file.bytes());
    this.file.data = larger;
  }
}

// Standard output or standard error, as an output like any other: not a terminal.
export class Stream extends OpenOutput {
  constructor() {
    super(new Output());
  }

  bytes() {
    return this.file.bytes();
  }
}

export { Output };
