// Follows every link of pages that rustdoc made: node .ci/links.mjs DOC PACKAGES VERSION CRATE..
// Relative ones lead to a page and a place in it. Those to a file of a package of ours, as
// docs.rs shows it, lead to a file that is in the package; others are to hosts that are known.
import { readFileSync, readdirSync, existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import process, { argv } from "node:process";

const [doc, packages, version, ...crates] = argv.slice(2);
const HOSTS = ["docs.rs", "github.com", "doc.rust-lang.org", "crates.io", "www.speedscope.app", "prometheus.io", "ui.perfetto.dev"];
const SOURCE = /^https:\/\/docs\.rs\/crate\/([\w-]+)\/latest\/source\/([^#]*)/;

const pages = (directory) =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return pages(path);
    return path.endsWith(".html") ? [path] : [];
  });

const places = new Map();
const placesOf = (page) => {
  if (!places.has(page)) {
    const text = readFileSync(page, "utf8");
    // Where an item is defined there is a page that leads to where it is public.
    const moved = text.match(/http-equiv="refresh" content="0;URL=([^"]*)"/)?.[1];
    if (moved) return placesOf(resolve(dirname(page), moved));
    const ids = text.matchAll(/\s(?:id|name)="([^"]*)"/g);
    places.set(page, new Set([...ids].map((id) => id[1])));
  }
  return places.get(page);
};

// What is wrong with a link on a page; nothing if it leads somewhere. Paths of items that
// rustdoc has not found are its own errors, but for those in what traits of others say.
const wrong = (page, link) => {
  if (link.includes("::")) return null;
  if (/^[a-z]+:/.test(link)) {
    const source = link.match(SOURCE);
    if (source && existsSync(join(packages, `${source[1]}-${version}`)))
      return existsSync(join(packages, `${source[1]}-${version}`, source[2]))
        ? null
        : "no such file in the package";
    const host = link.match(/^https:\/\/([^/]+)/)?.[1];
    return HOSTS.includes(host) ? null : "a host that is not known to .ci/links.mjs";
  }
  const [path, place] = link.split("#");
  let target = path === "" ? page : resolve(dirname(page), decodeURIComponent(path));
  if (existsSync(target) && statSync(target).isDirectory()) target = join(target, "index.html");
  if (!existsSync(target)) return "no such page";
  // Lines of a source have no places of their own until a script has run.
  if (!place || /^\d+(-\d+)?$/.test(place)) return null;
  const known = placesOf(target);
  return known.has(place) || known.has(decodeURIComponent(place.replaceAll("+", " "))) ? null : "no such place in the page";
};

let [links, broken] = [0, 0];
for (const name of crates) {
  for (const page of pages(join(doc, name))) {
    // What other crates say of traits that every type has is not ours to mend.
    const [ours] = readFileSync(page, "utf8").split('<h2 id="blanket-implementations"');
    for (const [, link] of ours.matchAll(/<a\s[^>]*?href="([^"]*)"/g)) {
      links += 1;
      const why = wrong(page, link.replaceAll("&amp;", "&"));
      if (why === null) continue;
      broken += 1;
      console.error(`${page.slice(doc.length + 1)}: ${link}: ${why}`);
    }
  }
}
if (links < 1000) {
  console.error(`only ${links} links were found`);
  broken += 1;
}
console.log(`${links} links, ${broken} broken`);
process.exitCode = broken === 0 ? 0 : 1;
