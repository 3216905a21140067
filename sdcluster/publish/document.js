// What a model's page does by itself: find a variable, enlarge a diagram, switch the language. No request leaves it.
(() => {
  for (const button of document.querySelectorAll(".sdc .enlarge")) {
    const diagram = button.closest(".diagram");
    const toggle = () => diagram.classList.toggle("large");
    button.addEventListener("click", toggle);
    diagram.querySelector(".paper").addEventListener("click", (event) => {
      if (!event.target.closest("a")) toggle();
    });
  }

  // Definitions of a large model are data (see packed.py): trees [tag, attributes, child, …] with texts as strings.
  // They become elements and text nodes when a reader comes to them; no text is ever read as HTML.
  const SVG = "http://www.w3.org/2000/svg";
  const NEVER = new Set(["script", "iframe", "object", "embed", "link", "meta", "base", "form", "style"]);
  const built = (tree, space) => {
    if (typeof tree === "string") return document.createTextNode(tree);
    const [tag, attributes, ...children] = tree;
    if (NEVER.has(tag)) return document.createTextNode("");
    const inside = tag === "svg" ? SVG : space;
    const made = inside ? document.createElementNS(inside, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (!name.startsWith("on") && (name !== "href" || value.startsWith("#"))) made.setAttribute(name, value);
    }
    made.append(...children.map((child) => built(child, inside)));
    return made;
  };
  const unpacked = async (script) => {
    const bytes = Uint8Array.from(atob(script.textContent), (one) => one.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };
  const pieces = [...document.querySelectorAll(".sdc .packed")];
  const started = new Map();
  const fill = (piece) => {
    if (!started.has(piece)) {
      const definitions = unpacked(piece.querySelector("script.definitions"));
      started.set(piece, definitions.then((trees) => {
        piece.append(...trees.flat().map((tree) => built(tree)));
        piece.style.minHeight = "";
      }));
    }
    return started.get(piece);
  };
  const indices = new Map();
  const index = (piece) => {
    if (!indices.has(piece)) indices.set(piece, unpacked(piece.querySelector("script.index")));
    return indices.get(piece);
  };
  const observer = new IntersectionObserver((seen) => {
    for (const one of seen) if (one.isIntersecting) fill(one.target);
  }, { rootMargin: "800px" });
  for (const piece of pieces) observer.observe(piece);
  for (const button of document.querySelectorAll(".sdc button.all")) {
    button.addEventListener("click", async () => {
      button.disabled = true;
      await Promise.all(pieces.filter((one) => one.closest("main") === button.closest("main")).map(fill));
    });
  }

  for (const finder of document.querySelectorAll(".sdc .finder input")) {
    const page = finder.closest("body.alone > main") || document;
    const found = finder.closest("p").nextElementSibling;
    const shown = [...page.querySelectorAll(".variable")].map((block) => ({
      id: block.id,
      name: block.querySelector(".self").textContent,
      text: block.querySelector(".heading").textContent.toLowerCase(),
    }));
    const known = async () => {
      const packed = await Promise.all(pieces.filter((one) => page.contains(one)).map(index));
      return shown.concat(packed.flat().map(([id, heading]) => ({
        id, name: heading.split("\n", 1)[0], text: heading.toLowerCase(),
      })));
    };
    let variables;
    finder.addEventListener("input", async () => {
      variables ??= known();
      const all = await variables;
      const wanted = finder.value.trim().toLowerCase();
      const hits = wanted ? all.filter((one) => one.text.includes(wanted)).slice(0, 40) : [];
      found.replaceChildren(...hits.flatMap((one) => {
        const link = document.createElement("a");
        link.href = "#" + one.id;
        link.className = "name";
        link.textContent = one.name;
        return [link, document.createTextNode(" · ")];
      }));
    });
  }

  const editions = [...document.querySelectorAll("body.alone > main")];
  const show = (language) => {
    document.documentElement.lang = language;
    for (const main of editions) main.hidden = main.lang !== language;
  };
  for (const button of document.querySelectorAll(".alone .switch")) {
    button.addEventListener("click", () => {
      const now = button.closest("main").lang;
      show(editions[(editions.findIndex((main) => main.lang === now) + 1) % editions.length].lang);
      scrollTo(0, 0);
    });
  }
  // A link to a definition shows the language that it is in.
  const follow = async () => {
    const wanted = decodeURIComponent(location.hash.slice(1));
    let target = document.getElementById(wanted);
    let late = false;
    for (let at = 0; wanted && !target && at < pieces.length; at += 1) {
      if ((await index(pieces[at])).some(([id]) => id === wanted)) {
        await fill(pieces[at]);
        target = document.getElementById(wanted);
        late = true;
      }
    }
    const main = target && target.closest("body.alone > main");
    const hidden = main && main.hidden;
    if (hidden) show(main.lang);
    if (hidden || late) target.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  follow();
})();
