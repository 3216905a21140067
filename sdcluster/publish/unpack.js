// Unpacks what front_end.py has packed: UTF-8 as raw DEFLATE in base64. A browser from 2023 on can.
const unpacked = (text) =>
  new Response(
    new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))])
      .stream()
      .pipeThrough(new DecompressionStream("deflate-raw")),
  ).text();
