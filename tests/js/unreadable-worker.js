/** Takes the place of the worker that makes checksums: no file can be read. */
addEventListener("message", ({ data: { id } }) => postMessage({ id, problem: "NotReadableError" }));
