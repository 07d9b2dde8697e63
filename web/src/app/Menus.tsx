import { Menu } from "@mantine/core";
import type { ReactNode } from "react";
import { Link, useLocation } from "react-router";
import { t } from "../words";
import { HeaderButton } from "./HeaderButton";
import { Me, type Own, useChoices } from "./own";
import { isAt, type Place } from "./places";

// Fetched when somebody opens one of them, so they begin open.

function HeaderMenu(props: { button: ReactNode; children: ReactNode }) {
  return (
    <Menu position="bottom-end" width={260} defaultOpened>
      <Menu.Target>{props.button}</Menu.Target>
      <Menu.Dropdown>{props.children}</Menu.Dropdown>
    </Menu>
  );
}

/** The menu of one's own: who one is, the language, the colours, the way out. */
export function OwnMenu(own: Own) {
  const groups = useChoices(own);
  return (
    <HeaderMenu button={<HeaderButton name={t("shell.account")} icon="own" />}>
      <Menu.Label>
        <Me {...own} />
      </Menu.Label>
      {groups.map((choices) => (
        <div key={choices[0]?.label} role="none">
          <Menu.Divider />
          {choices.map(({ label, icon, holds, lang, run }) =>
            holds === undefined ? (
              <Menu.Item key={label} leftSection={icon} onClick={() => run()}>
                {label}
              </Menu.Item>
            ) : (
              <Menu.RadioItem
                key={label}
                value={label}
                checked={holds}
                checkIcon={icon}
                lang={lang}
                onChange={() => run()}
              >
                {label}
              </Menu.RadioItem>
            ),
          )}
        </div>
      ))}
    </HeaderMenu>
  );
}

/** The menu of what is set up and looked after. */
export function SettingsMenu(props: { places: Place[]; inside: boolean }) {
  const { pathname } = useLocation();
  return (
    <HeaderMenu
      button={<HeaderButton name={t("shell.settings")} icon="settings" inside={props.inside} />}
    >
      {props.places.map(({ to, label, icon: Icon }) => (
        <Menu.Item
          key={to}
          component={Link}
          to={to}
          aria-current={isAt(pathname, to) ? "page" : undefined}
          leftSection={<Icon size={16} aria-hidden />}
        >
          {label}
        </Menu.Item>
      ))}
    </HeaderMenu>
  );
}
