import { useActors } from "../api/actors";
import { useMay } from "../session";
import { t } from "../words";

/** Says in words who wrote a note or did what the audit trail tells; of an account that is no staff's what else it
 * would be. */
export function useWho(): (actor: string, otherwise?: string) => string {
  const admin = useMay("admin");
  const actors = useActors(admin);
  return (actor, otherwise) => {
    if (actor === "system") return t("person.who.system");
    if (actor === "operator") return t("person.who.operator");
    if (actor.startsWith("e")) return t("person.who.byLink");
    if (!admin) return t("person.who.colleague");
    return actors.get(actor) ?? otherwise ?? t("person.who.unknown");
  };
}
