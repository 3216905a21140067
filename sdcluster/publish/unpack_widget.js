const source = new Blob([await unpacked("@PACKED@")], { type: "text/javascript" });
export default (await import(URL.createObjectURL(source))).default;
