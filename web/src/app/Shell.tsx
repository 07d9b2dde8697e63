import { Alert, AppShell, Burger, Button, Group, Kbd, Text } from "@mantine/core";
import { useDisclosure, useHotkeys, useNetwork } from "@mantine/hooks";
import { IconSearch, IconWifiOff } from "@tabler/icons-react";
import { signOut } from "firebase/auth";
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "react-router";
import type { Role } from "../api/types";
import { useBackend } from "../backend";
import { ZONE } from "../format";
import { useKeys } from "../ui/keys";
import { useVisiting } from "../ui/visits";
import { t } from "../words";
import { MenuOpener } from "./HeaderButton";
import { isAt, settings, work } from "./places";
import { useScrolling } from "./scrolling";

// What is not always there, fetched when somebody opens it.
const menus = () => import("./Menus");
const OwnMenu = lazy(() => menus().then((module) => ({ default: module.OwnMenu })));
const SettingsMenu = lazy(() => menus().then((module) => ({ default: module.SettingsMenu })));
const PhoneMenu = lazy(() => import("./PhoneMenu"));
const DIALOGS = {
  search: lazy(() => import("./Search")),
  keys: lazy(() => import("./KeysDialog")),
  secondFactor: lazy(() => import("./SecondFactor")),
};

/** The frame of every page: the way to all of them, a search through everything, and one's own menu. */
export function Shell(props: { email: string; role: Role; children: ReactNode }) {
  const [menuOpen, menu] = useDisclosure();
  const [dialog, setDialog] = useState<keyof typeof DIALOGS | null>(null);
  const { auth } = useBackend();
  const { pathname } = useLocation();
  const { online } = useNetwork();
  const content = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  const admin = props.role === "admin";
  useScrolling();
  useVisiting(auth.currentUser?.uid ?? "");
  useKeys({ "/": () => setDialog("search"), "?": () => setDialog("keys") });
  useHotkeys([["mod+K", () => setDialog("search")]], []); // also while somebody writes
  // A new page closes the menu and is read from its beginning, by eye and by keyboard.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each page
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    menu.close();
    content.current?.focus({ preventScroll: true });
  }, [pathname]);
  const own = {
    email: props.email,
    role: props.role,
    showKeys: () => setDialog("keys"),
    secondFactor: () => setDialog("secondFactor"),
    signOut: () => signOut(auth),
  };
  const inside = settings(admin).some(({ to }) => isAt(pathname, to));
  const Dialog = dialog && DIALOGS[dialog];
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 260, breakpoint: "md", collapsed: { mobile: !menuOpen, desktop: true } }}
      padding="md"
    >
      <AppShell.Header>
        <a className="skip" href="#content">
          {t("shell.toContent")}
        </a>
        <Group h="100%" px="md" gap="xs" justify="space-between" wrap="nowrap">
          <Group wrap="nowrap" gap="md">
            <Burger
              opened={menuOpen}
              onClick={menu.toggle}
              hiddenFrom="md"
              size="sm"
              aria-label={t("shell.menu")}
              aria-expanded={menuOpen}
            />
            <Text fw={700} size="lg" component="span" className="brand">
              CRM-Lite
            </Text>
            <Group
              component="nav"
              visibleFrom="md"
              gap={2}
              wrap="nowrap"
              aria-label={t("shell.pages")}
            >
              {work().map(({ to, label }) => (
                <Link
                  key={to}
                  to={to}
                  className="place"
                  aria-current={isAt(pathname, to) ? "page" : undefined}
                >
                  {label}
                </Link>
              ))}
            </Group>
          </Group>
          <Group wrap="nowrap" gap="xs">
            <Button
              variant="default"
              className="search"
              leftSection={<IconSearch size={16} aria-hidden />}
              rightSection={<Kbd aria-hidden>/</Kbd>}
              onClick={() => setDialog("search")}
            >
              {t("shell.search")}
            </Button>
            <Group wrap="nowrap" gap="xs" visibleFrom="md">
              <MenuOpener
                name={t("shell.settings")}
                icon="settings"
                inside={inside}
                menu={<SettingsMenu places={settings(admin)} inside={inside} />}
              />
              <MenuOpener name={t("shell.account")} icon="own" menu={<OwnMenu {...own} />} />
            </Group>
          </Group>
        </Group>
      </AppShell.Header>
      {menuOpen && (
        <AppShell.Navbar p="xs" component="div" hiddenFrom="md" style={{ overflowY: "auto" }}>
          <Suspense>
            <PhoneMenu places={[work(), settings(admin)]} own={own} close={menu.close} />
          </Suspense>
        </AppShell.Navbar>
      )}
      <AppShell.Main id="content" tabIndex={-1} ref={content}>
        {!online && (
          <Alert color="yellow" mb="md" icon={<IconWifiOff aria-hidden />} role="status">
            {t("shell.offline")}
          </Alert>
        )}
        {props.children}
        <Text size="sm" c="dimmed" mt="xl" data-testid="clock">
          {t("shell.clock", { zone: ZONE })}
        </Text>
      </AppShell.Main>
      <Suspense>{Dialog && <Dialog admin={admin} close={() => setDialog(null)} />}</Suspense>
    </AppShell>
  );
}
