import { parse } from "smol-toml";
import type { Setup, Way } from "./src/setup.ts";

/** What the console is built with, of crm.toml. The server's own reader (crm/config) refuses what is wrong with a
 * sentence; here it is an error of the build. */
export interface Settings {
  region: string;
  timeZone: string;
  console: Setup;
}

function text(value: unknown, name: string): string {
  if (typeof value !== "string") throw new Error(`crm.toml: ${name} must be a text.`);
  return value;
}

/** A way to sign in: an id, or an id with what stands on its button. */
function wayOf(value: unknown): Way {
  if (typeof value === "string") return { id: value, label: null };
  const { id, label } = (value ?? {}) as Record<string, unknown>;
  const name = "console.sign_in";
  return { id: text(id, name), label: label === undefined ? null : text(label, name) };
}

export function settingsOf(toml: string): Settings {
  const { region, time_zone, console: desk } = parse(toml);
  if (!region) throw new Error("crm.toml names no region.");
  const given = (desk ?? {}) as Record<string, unknown>;
  const ways = given.sign_in ?? ["password"];
  if (!Array.isArray(ways) || !ways.length) throw new Error("crm.toml: console.sign_in is empty.");
  const hours = given.session_hours ?? 12;
  if (typeof hours !== "number") throw new Error("crm.toml: console.session_hours is no number.");
  return {
    region: text(region, "region"),
    timeZone: text(time_zone ?? "UTC", "time_zone"),
    console: {
      signIn: ways.map(wayOf),
      appCheckKey: text(given.app_check_key ?? "", "console.app_check_key"),
      sessionHours: hours,
    },
  };
}
