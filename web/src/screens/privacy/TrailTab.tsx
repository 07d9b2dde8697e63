import { Button, Group, Stack, Text } from "@mantine/core";
import { useSearchParams } from "react-router";
import { useNames } from "../../audit/names";
import { PersonName } from "../../audit/PersonName";
import { PersonSearch } from "../../audit/PersonSearch";
import { Trail } from "../../audit/Trail";
import { t } from "../../words";

/** An id of a customer, of one who is gone too. */
const ID = /^[a-z2-7]{26}$/;

const address = (person: string) => `/privacy?${new URLSearchParams({ tab: "trail", person })}`;

/** The audit trail, of everybody or of one person. */
export function TrailTab() {
  const [asked, ask] = useSearchParams();
  const person = asked.get("person");
  const names = useNames(person ? [person] : []);
  const keep = (text: string) => {
    const q = text.trim();
    ask(ID.test(q) ? { tab: "trail", person: q } : text ? { tab: "trail", q: text } : ALL, {
      replace: true,
    });
  };
  return (
    <Stack>
      {person ? (
        <Group gap="xs">
          <Text>
            {t("privacy.trailOf")} <PersonName customerId={person} names={names} />
          </Text>
          <Button
            className="not-printed"
            variant="default"
            size="compact-sm"
            onClick={() => ask(ALL)}
          >
            {t("privacy.trailOfAll")}
          </Button>
        </Group>
      ) : (
        <PersonSearch
          label={t("privacy.trailWhose")}
          kept={asked.get("q") ?? ""}
          keep={keep}
          to={address}
        />
      )}
      <Trail of={person ? { customerId: person } : {}} />
    </Stack>
  );
}

const ALL = { tab: "trail" };
