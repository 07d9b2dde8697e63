import { useActors } from "../../api/actors";
import { useMay } from "../../session";
import { t } from "../../words";

/** Says in words who wrote a note or did what the audit trail tells. */
export function useWho(): (actor: string) => string {
  const admin = useMay("admin");
  const actors = useActors(admin);
  return (actor) => {
    if (actor === "system") return t("person.who.system");
    if (actor === "operator") return t("person.who.operator");
    if (actor.startsWith("e")) return t("person.who.byLink");
    return actors.get(actor) ?? (admin ? t("person.who.unknown") : t("person.who.colleague"));
  };
}
