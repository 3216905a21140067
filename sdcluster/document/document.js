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

  for (const finder of document.querySelectorAll(".sdc .finder input")) {
    const page = finder.closest("body.alone > main") || document;
    const found = finder.closest("p").nextElementSibling;
    const variables = [...page.querySelectorAll(".variable")].map((block) => ({
      id: block.id,
      name: block.querySelector(".self").textContent,
      text: block.querySelector(".heading").textContent.toLowerCase(),
    }));
    finder.addEventListener("input", () => {
      const wanted = finder.value.trim().toLowerCase();
      const hits = wanted ? variables.filter((one) => one.text.includes(wanted)).slice(0, 40) : [];
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
      show(editions.find((main) => main.lang !== now).lang);
      scrollTo(0, 0);
    });
  }
  // A link to a definition shows the language that it is in.
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const main = target && target.closest("body.alone > main");
    if (main && main.hidden) {
      show(main.lang);
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", follow);
  follow();
})();
