import { Link } from "react-router";
import { t } from "../words";

/** Somebody whom an entry names by id, with a link to the page: of who was merged meanwhile it leads on to who
 * that is today, and of who is gone it says so. */
export function PersonName(props: { customerId: string; names: Map<string, string> }) {
  const { customerId, names } = props;
  const name = names.get(customerId) ?? t("activity.trail.person", { id: customerId.slice(0, 8) });
  return <Link to={`/people/${customerId}`}>{name}</Link>;
}

/** The first of those whom something was done to, and how many more there are. */
export function PeopleNamed(props: { ids: string[]; names: Map<string, string> }) {
  const shown = props.ids.slice(0, MOST_NAMED);
  const more = props.ids.length - shown.length;
  return (
    <>
      {shown.map((id, at) => (
        <span key={id}>
          {at > 0 && ", "}
          <PersonName customerId={id} names={props.names} />
        </span>
      ))}
      {more > 0 && ` ${t("activity.trail.more", { count: more })}`}
    </>
  );
}

/** So many people of one entry are named. */
export const MOST_NAMED = 3;
