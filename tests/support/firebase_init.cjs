// `firebase init` as firebase-tools does it, with answers given and nothing asked of the network.
//
// Called with the folder of firebase-tools and a file of jobs: a list of { folder, runs }, where a run is
// { features, answers }, and answers are [text of the question, answer] pairs.
const fs = require("node:fs");
const path = require("node:path");

const [tools, jobs] = process.argv.slice(2);
const lib = (name) => require(path.join(tools, "lib", name));

let answers = [];
const prompt = lib("prompt");
const ask = (kind) => async (options, fallback) => {
  const said = typeof options === "string" ? { message: options, default: fallback } : options;
  for (const [text, answer] of answers) if (said.message.includes(text)) return answer;
  if (said.default !== undefined) return said.default;
  return kind === "checkbox" ? [] : kind === "confirm" ? false : undefined;
};
for (const kind of ["select", "input", "confirm", "number", "checkbox", "password", "search"]) {
  Object.defineProperty(prompt, kind, { value: ask(kind) });
}
lib("init/spawn").wrapSpawn = async () => undefined; // no npm, no python
lib("apiv2").Client.prototype.get = async () => ({ body: { current: { version: "12.0.0" } } });
lib("track").trackGA4 = async () => undefined;

const { init } = lib("init");
const { Config } = lib("config");
const template = lib("templates").readTemplateSync("_gitignore");

(async () => {
  for (const { folder, runs } of JSON.parse(fs.readFileSync(jobs, "utf8"))) {
    fs.mkdirSync(folder, { recursive: true });
    for (const { features, answers: given } of runs) {
      answers = given;
      const there = fs.existsSync(path.join(folder, "firebase.json"));
      const options = { cwd: folder, projectDir: folder, nonInteractive: false };
      const config = there ? Config.load(options, true) : new Config({}, { projectDir: folder, cwd: folder });
      const setup = {
        config: config.src,
        rcfile: { projects: { default: "demo-my-app" } },
        instructions: [],
        features: [...features],
        featureInfo: {},
      };
      delete setup.rcfile.projects.default; // so that no question is asked of a project
      await init(setup, config, options);
      setup.rcfile.projects.default = "demo-my-app";
      // What the command does at its end (postInitSaves in lib/commands/init.js).
      config.writeProjectFile("firebase.json", setup.config);
      config.writeProjectFile(".firebaserc", setup.rcfile);
      if (!fs.existsSync(path.join(folder, ".gitignore"))) config.writeProjectFile(".gitignore", template);
    }
  }
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
