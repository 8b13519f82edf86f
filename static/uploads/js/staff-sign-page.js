/** Entry of the form that signs a URL: shows which Content-Type follows from the key. The server decides. */

import { find } from "./staff-find.js";

const FALLBACK = "application/octet-stream";

const types = JSON.parse(find("#types").textContent);
const key = find("#id_key");
const type = find("#id_content_type");

function suggest() {
  const name = key.value.split("/").pop().trim().toLowerCase();
  const ending = name.slice(name.lastIndexOf(".")) || "";
  type.placeholder = name.includes(".") ? types[ending] ?? FALLBACK : name && FALLBACK;
}

key.addEventListener("input", suggest);
suggest();
