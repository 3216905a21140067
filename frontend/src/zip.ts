// Files in a ZIP archive, packed by the browser where it can (Compression Streams), else as they are.

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function checksum(data: Uint8Array): number {
  let c = 0xffffffff;
  for (let i = 0; i < data.length; i++) c = (TABLE[(c ^ (data[i] as number)) & 255] as number) ^ (c >>> 8);
  return ~c >>> 0;
}

type Bytes = Uint8Array<ArrayBuffer>;

async function packed(data: Bytes): Promise<Bytes | null> {
  if (typeof CompressionStream === "undefined") return null;
  const stream = new Blob([data]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** An archive of texts by name (APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16). */
export async function zip(files: readonly (readonly [string, string])[]): Promise<Blob> {
  const parts: Bytes[] = [];
  const directory: Bytes[] = [];
  let offset = 0;
  for (const [name, content] of files) {
    const path = new TextEncoder().encode(name);
    const data = new TextEncoder().encode(content);
    const small = await packed(data);
    const body = small ?? data;
    // Version 2.0, names in UTF-8, method, the first day of DOS time.
    const common = [20, 0x800, small ? 8 : 0, 0, 0x21];
    const sizes = [checksum(data), body.length, data.length];
    const local = numbers([0x04034b50], common, sizes, [path.length, 0]);
    directory.push(
      numbers([0x02014b50], [20, ...common], sizes, [path.length, 0, 0, 0, 0], [0, offset]),
      path,
    );
    parts.push(local, path, body);
    offset += local.length + path.length + body.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = numbers([0x06054b50], [0, 0, files.length, files.length], [size, offset], [0]);
  return new Blob([...parts, ...directory, end]);
}

/** Groups of numbers one behind the other: the first of 32 bits, the next of 16, and so on by turns. */
function numbers(...groups: readonly (readonly number[])[]): Bytes {
  const bytes = groups.flatMap((group, i) =>
    group.flatMap((n) => (i % 2 ? [n, n >>> 8] : [n, n >>> 8, n >>> 16, n >>> 24])),
  );
  return Uint8Array.from(bytes, (n) => n & 255);
}
