import {
  ActionIcon,
  Alert,
  AppShell,
  Badge,
  Burger,
  Group,
  NavLink,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure, useNetwork } from "@mantine/hooks";
import {
  IconAlertTriangle,
  IconCalendarEvent,
  IconChartBar,
  IconFilter,
  IconForms,
  IconLogout,
  IconMail,
  IconMoon,
  IconProgress,
  IconReport,
  IconRoute,
  IconShieldLock,
  IconSun,
  IconTags,
  IconUserShield,
  IconUsers,
  IconWifiOff,
} from "@tabler/icons-react";
import { signOut } from "firebase/auth";
import { type ReactNode, useEffect, useRef } from "react";
import { Link, useLocation } from "react-router";
import type { Role } from "../api/types";
import { useBackend } from "../backend";
import { ZONE } from "../format";
import { t } from "../words";
import { useScrolling } from "./scrolling";

const places = () => [
  { to: "/", label: t("nav.home"), icon: IconChartBar },
  { to: "/people", label: t("nav.people"), icon: IconUsers },
  { to: "/events", label: t("nav.events"), icon: IconCalendarEvent },
  { to: "/segments", label: t("nav.segments"), icon: IconFilter },
  { to: "/campaigns", label: t("nav.campaigns"), icon: IconMail },
  { to: "/reports", label: t("nav.reports"), icon: IconReport },
  { to: "/tags", label: t("nav.tags"), icon: IconTags },
  { to: "/rules", label: t("nav.rules"), icon: IconRoute },
  { to: "/forms", label: t("nav.forms"), icon: IconForms },
  { to: "/problems", label: t("nav.problems"), icon: IconAlertTriangle },
  { to: "/activity", label: t("nav.activity"), icon: IconProgress },
  { to: "/staff", label: t("nav.staff"), icon: IconUserShield },
  { to: "/privacy", label: t("nav.privacy"), icon: IconShieldLock },
];

export function Shell(props: { email: string; role: Role; children: ReactNode }) {
  const [open, menu] = useDisclosure();
  const { auth } = useBackend();
  const { pathname } = useLocation();
  const { online } = useNetwork();
  const here = (to: string) => (to === "/" ? pathname === "/" : pathname.startsWith(to));
  const content = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useScrolling();
  // A new page closes the menu and is read from its beginning, by eye and by keyboard.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each page
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    menu.close();
    content.current?.focus({ preventScroll: true });
  }, [pathname]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 210, breakpoint: "sm", collapsed: { mobile: !open } }}
      padding="md"
    >
      <AppShell.Header>
        <a className="skip" href="#content">
          To the content
        </a>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group wrap="nowrap" gap="xs">
            <Burger
              opened={open}
              onClick={menu.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label="Menu"
              aria-expanded={open}
            />
            <Text fw={700} size="lg" component="span">
              CRM-Lite
            </Text>
          </Group>
          <Group wrap="nowrap" gap="xs">
            <Text size="sm" visibleFrom="sm" component="span">
              {props.email}
            </Text>
            <Badge variant="default">{props.role}</Badge>
            <SchemeButton />
            <ActionIcon
              variant="default"
              size="lg"
              aria-label="Sign out"
              onClick={() => signOut(auth)}
            >
              <IconLogout size={18} aria-hidden />
            </ActionIcon>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Pages">
        {places().map(({ to, label, icon: Icon }) => (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={label}
            active={here(to)}
            variant="filled"
            aria-current={here(to) ? "page" : undefined}
            leftSection={<Icon size={18} aria-hidden />}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} ref={content}>
        {!online && (
          <Alert color="yellow" mb="md" icon={<IconWifiOff aria-hidden />} role="status">
            There is no connection. What you see may be old, and changes cannot be made.
          </Alert>
        )}
        {props.children}
        <Text size="sm" c="dimmed" mt="xl" data-testid="clock">
          Days and times are those of {ZONE}.
        </Text>
      </AppShell.Main>
    </AppShell>
  );
}

function SchemeButton() {
  const scheme = useComputedColorScheme("light");
  const { setColorScheme } = useMantineColorScheme();
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={`Use ${other} colours`}
      onClick={() => setColorScheme(other)}
    >
      {scheme === "dark" ? <IconSun size={18} aria-hidden /> : <IconMoon size={18} aria-hidden />}
    </ActionIcon>
  );
}
