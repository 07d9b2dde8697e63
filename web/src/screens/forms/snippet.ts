/** What the form on a website says besides what is agreed to, in the languages that CRM-Lite brings along. */
const WORDS = {
  en: {
    email: "E-mail address",
    trap: "Leave this field empty",
    button: "Sign up",
    working: "One moment …",
    failed: "That did not work. Please try again in a minute.",
  },
  de: {
    email: "E-Mail-Adresse",
    trap: "Dieses Feld leer lassen",
    button: "Anmelden",
    working: "Einen Moment …",
    failed: "Das hat nicht geklappt. Bitte versuchen Sie es in einer Minute noch einmal.",
  },
};

/** The page of a form in one of its languages. */
export const pageOf = (url: string, language: string): string =>
  `${url}&language=${encodeURIComponent(language)}`;

/** The languages in which the snippet speaks; in others its few words are English. */
export const isSpoken = (language: string): language is keyof typeof WORDS =>
  Object.hasOwn(WORDS, language);

const html = (text: string) =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

/** What a website takes to have the form: that of docs/sign-up.md, with this form's address and words. */
export function snippetOf(form: { url: string; language: string; text: string }): string {
  const words = WORDS[isSpoken(form.language) ? form.language : "en"];
  return `<form class="crm-sign-up" method="post"
      action="${html(pageOf(form.url, form.language))}">
  <p class="crm-text">${html(form.text)}</p>
  <label for="crm-email">${words.email}</label>
  <input id="crm-email" name="email" type="email" autocomplete="email" required maxlength="320">
  <div style="position: absolute; left: -100vw" aria-hidden="true">
    <label for="crm-website">${words.trap}</label>
    <input id="crm-website" name="website" tabindex="-1" autocomplete="off">
  </div>
  <button type="submit">${words.button}</button>
  <p class="crm-status" role="status" aria-live="polite"></p>
</form>
<script>
  (() => {
    const form = document.currentScript.previousElementSibling;
    const status = form.querySelector(".crm-status");
    const button = form.querySelector("button");
    const accept = { Accept: "application/json" };
    let asked;

    // What is agreed to, and a challenge: some work for the browser, so that nobody signs up thousands.
    const ask = () => {
      asked = fetch(form.action, { headers: accept }).then(async (answer) => {
        const told = await answer.json();
        if (!answer.ok) throw new Error(told.error.message);
        form.querySelector(".crm-text").textContent = told.text;
        return { ...told, at: Date.now() };
      });
      asked.catch(() => { asked = undefined; });
      return asked;
    };

    const work = async ({ challenge, bits }, email) => {
      const text = new TextEncoder();
      for (let number = 0; ; number++) {
        const data = text.encode(\`\${challenge}:\${email}:\${number}\`);
        const digest = new DataView(await crypto.subtle.digest("SHA-256", data));
        if (digest.getUint32(0) >>> (32 - bits) === 0) return String(number);
      }
    };

    form.addEventListener("focusin", () => { if (!asked) ask(); });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      status.textContent = "${words.working}";
      try {
        let told = await (asked ?? ask());
        if (Date.now() - told.at > 20 * 60 * 1000) told = await ask();
        const email = form.elements.email.value;
        const { challenge, language } = told;
        const proof = await work(told, email);
        const rest = told.at + told.waitSeconds * 1000 + 300 - Date.now();
        await new Promise((done) => setTimeout(done, Math.max(0, rest)));
        const website = form.elements.website.value;
        const answer = await fetch(form.action, {
          method: "POST",
          headers: accept,
          body: new URLSearchParams({ email, website, language, challenge, work: proof }),
        });
        const said = await answer.json();
        status.textContent = answer.ok ? said.message : said.error.message;
        if (answer.ok) form.reset();
      } catch {
        status.textContent = "${words.failed}";
      }
      asked = undefined;
      button.disabled = false;
    });
  })();
</script>
`;
}
