/** What a page may load and reach beside what it is served with. */
export interface Reach {
  scripts: string[];
  frames: string[];
  connections: string[];
}

const HERE = "'self'";

// Whole files and folders of releases, not hosts: these hosts also have scripts that run whatever they are told.
const RECAPTCHA = ["api.js", "enterprise.js"].map(
  (name) => `https://www.google.com/recaptcha/${name}`,
);
const RECAPTCHA_RELEASES = "https://www.gstatic.com/recaptcha/releases/";
const POPUPS = ["https://apis.google.com/js/api.js", "https://apis.google.com/_/scs/"];

const recaptcha = (): Reach => ({
  scripts: [...RECAPTCHA, RECAPTCHA_RELEASES],
  frames: ["https://www.google.com/recaptcha/", "https://recaptcha.google.com/recaptcha/"],
  connections: ["https://www.google.com/recaptcha/"],
});

/** What Firebase needs for what is used of it: windows of other providers, of which `popups` is the origin; codes
 * by SMS; and App Check. */
export function reachOf(used: { popups: string | null; sms: boolean; appCheck: boolean }): Reach {
  const parts: Reach[] = [
    { scripts: [HERE], frames: [], connections: [HERE] },
    ...(used.popups ? [{ scripts: POPUPS, frames: [used.popups], connections: [] }] : []),
    ...(used.sms || used.appCheck ? [recaptcha()] : []),
    ...(used.appCheck
      ? [
          {
            scripts: [],
            frames: [],
            connections: ["https://content-firebaseappcheck.googleapis.com"],
          },
        ]
      : []),
  ];
  return {
    scripts: parts.flatMap((part) => part.scripts),
    frames: parts.flatMap((part) => part.frames),
    connections: parts.flatMap((part) => part.connections),
  };
}

/** The policy that allows this and nothing else. */
export function policyOf({ scripts, frames, connections }: Reach): string {
  const list = (sources: string[]) => (sources.length ? sources.join(" ") : "'none'");
  return [
    `script-src ${list(scripts)}`,
    `frame-src ${list(frames)}`,
    `connect-src ${list(connections)}`,
  ].join("; ");
}

/** Hold the page to a policy from now on, beside those that hold already: it can only become narrower. */
export function confine(policy: string): void {
  const meta = document.createElement("meta");
  meta.httpEquiv = "Content-Security-Policy";
  meta.content = policy;
  document.head.append(meta);
}
