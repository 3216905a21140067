// Which part of a diagram is seen: pan and zoom as plain numbers.

export interface Camera {
  /** Pixels of the screen for a pixel of the view. */
  readonly scale: number;
  /** Where the origin of the view lies on the screen. */
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export type Box = readonly [left: number, top: number, width: number, height: number];

export const CLOSEST = 4;
const LARGEST_FIT = 1.5;

/** The camera that shows all of a box. */
export function fit([left, top, width, height]: Box, size: Size): Camera {
  const scale = Math.min(LARGEST_FIT, size.width / width, size.height / height);
  return {
    scale,
    x: (size.width - width * scale) / 2 - left * scale,
    y: (size.height - height * scale) / 2 - top * scale,
  };
}

/** Zoom by a factor so that the point of the screen stays where it is; no further out than half the whole. */
export function zoomed(
  camera: Camera,
  factor: number,
  at: readonly [number, number],
  smallest: number,
): Camera {
  const scale = Math.min(CLOSEST, Math.max(smallest / 2, camera.scale * factor));
  const ratio = scale / camera.scale;
  return { scale, x: at[0] - (at[0] - camera.x) * ratio, y: at[1] - (at[1] - camera.y) * ratio };
}

/** Moved by pixels of the screen, but never so far that nothing of the box is seen. */
export function moved(camera: Camera, dx: number, dy: number, box: Box, size: Size): Camera {
  const keep = (value: number, start: number, length: number, room: number) => {
    const margin = Math.min(room / 2, 80);
    return Math.min(room - margin - start, Math.max(margin - start - length, value));
  };
  const [left, top, width, height] = box.map((x) => x * camera.scale) as unknown as Box;
  return {
    scale: camera.scale,
    x: keep(camera.x + dx, left, width, size.width),
    y: keep(camera.y + dy, top, height, size.height),
  };
}

/** The camera with as little movement as shows a box of the view. */
export function showing(camera: Camera, [left, top, width, height]: Box, size: Size): Camera {
  const margin = 24;
  const shift = (start: number, length: number, room: number) => {
    if (start < margin) return margin - start;
    return start + length > room - margin ? Math.max(margin - start, room - margin - start - length) : 0;
  };
  const { scale, x, y } = camera;
  return {
    scale,
    x: x + shift(left * scale + x, width * scale, size.width),
    y: y + shift(top * scale + y, height * scale, size.height),
  };
}
