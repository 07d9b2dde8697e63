import { Text, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import {
  IconCheck,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconShieldCheck,
  IconSun,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Role } from "../api/types";
import { LANGUAGES, language, nameOfLanguage, speak, t } from "../words";

/** What somebody can do about themselves, in the menu of a wide page and on a phone. */
export interface Own {
  email: string;
  role: Role;
  showKeys: () => void;
  secondFactor: () => void;
  signOut: () => unknown;
}

export interface Choice {
  label: string;
  icon: ReactNode;
  /** Whether it is what holds now; undefined for what is done rather than chosen. */
  holds?: boolean;
  lang?: string;
  run: () => unknown;
}

/** Everything that the menu of one's own offers, one group after the other. */
export function useChoices(own: Own): Choice[][] {
  const scheme = useComputedColorScheme("light");
  const { setColorScheme } = useMantineColorScheme();
  const dark = scheme === "dark";
  return [
    LANGUAGES.map((code) => ({
      label: nameOfLanguage(code),
      icon: <IconCheck size={16} aria-hidden opacity={code === language() ? 1 : 0} />,
      holds: code === language(),
      lang: code,
      run: () => speak(code),
    })),
    [
      {
        label: dark ? t("shell.light") : t("shell.dark"),
        icon: dark ? <IconSun size={16} aria-hidden /> : <IconMoon size={16} aria-hidden />,
        run: () => setColorScheme(dark ? "light" : "dark"),
      },
      {
        label: t("shell.secondFactor"),
        icon: <IconShieldCheck size={16} aria-hidden />,
        run: own.secondFactor,
      },
      { label: t("shell.keys"), icon: <IconKeyboard size={16} aria-hidden />, run: own.showKeys },
    ],
    [
      {
        label: t("shell.signOut"),
        icon: <IconLogout size={16} aria-hidden />,
        run: own.signOut,
      },
    ],
  ];
}

/** Who is signed in, and as what. */
export function Me({ email, role }: { email: string; role: Role }) {
  return (
    <>
      <Text size="sm" fw={600}>
        {email}
      </Text>
      <Text size="sm">{t(`shell.roles.${role}`)}</Text>
    </>
  );
}
