import { Button, Divider, NavLink, Stack } from "@mantine/core";
import { Link, useLocation } from "react-router";
import { t } from "../words";
import { Me, type Own, useChoices } from "./own";
import { isAt, type Place } from "./places";

/** Every page, and what is one's own: the header of a wide page for one that is too narrow for it. */
export default function PhoneMenu(props: { places: Place[][]; own: Own; close: () => void }) {
  const { pathname } = useLocation();
  const groups = useChoices(props.own);
  return (
    <>
      <nav aria-label={t("shell.pages")}>
        {props.places.map((places, at) => (
          <div key={places[0]?.to}>
            {at > 0 && <Divider my="xs" />}
            {places.map(({ to, label, icon: Icon }) => (
              <NavLink
                key={to}
                component={Link}
                to={to}
                label={label}
                active={isAt(pathname, to)}
                variant="filled"
                aria-current={isAt(pathname, to) ? "page" : undefined}
                leftSection={<Icon size={18} aria-hidden />}
                onClick={props.close}
              />
            ))}
          </div>
        ))}
      </nav>
      <Divider my="xs" />
      <section aria-label={t("shell.account")}>
        <Me {...props.own} />
        {groups.map((choices) => (
          <Stack key={choices[0]?.label} gap={4} mt="xs">
            {choices.map(({ label, icon, holds, lang, run }) => (
              <Button
                key={label}
                variant="default"
                justify="flex-start"
                leftSection={icon}
                lang={lang}
                aria-pressed={holds}
                onClick={() => {
                  props.close();
                  run();
                }}
              >
                {label}
              </Button>
            ))}
          </Stack>
        ))}
      </section>
    </>
  );
}
