import { Text } from "@mantine/core";
import { Fragment } from "react";
import { Link } from "react-router";
import type { Counts } from "../../api/campaigns";
import { number } from "../../format";
import { t } from "../../words";
import { PEOPLE } from "./rules";
import { personState } from "./words";

/** Everybody of a campaign, each in exactly one state: the number of all is the sum of the others. */
export function Equation({ campaignId, counts }: { campaignId: string; counts: Counts }) {
  return (
    <div className="equation figures" data-testid="equation">
      <Text component="span" fw={600}>
        {t("shared.people", { count: counts.audience })}
      </Text>
      {PEOPLE.map((state, at) => (
        <Fragment key={state}>
          <span>{at ? "+" : "="}</span>
          <Link className="link" to={`/campaigns/${campaignId}?tab=people&people=${state}`}>
            {number(counts[state])} {personState(state)}
          </Link>
        </Fragment>
      ))}
    </div>
  );
}
