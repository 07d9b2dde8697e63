import { ActionIcon } from "@mantine/core";
import { IconSettings, IconUserCircle } from "@tabler/icons-react";
import { type ComponentProps, type ReactNode, Suspense, useState } from "react";

const ICONS = { settings: IconSettings, own: IconUserCircle };

interface Look {
  name: string;
  icon: keyof typeof ICONS;
  /** Whether the page that is shown is one that its menu leads to. */
  inside?: boolean;
}

/** The button of a menu of the header. */
export function HeaderButton({ name, icon, inside, ...rest }: Look & ComponentProps<"button">) {
  const Icon = ICONS[icon];
  return (
    <ActionIcon variant={inside ? "filled" : "default"} size="lg" aria-label={name} {...rest}>
      <Icon size={18} aria-hidden />
    </ActionIcon>
  );
}

/** A button that fetches its menu when somebody wants it for the first time. */
export function MenuOpener({ menu, ...look }: Look & { menu: ReactNode }) {
  const [wanted, setWanted] = useState(false);
  const shut = (
    <HeaderButton
      {...look}
      aria-haspopup="menu"
      aria-expanded={false}
      onClick={() => setWanted(true)}
    />
  );
  return wanted ? <Suspense fallback={shut}>{menu}</Suspense> : shut;
}
