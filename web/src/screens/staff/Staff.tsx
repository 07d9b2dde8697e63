import { Alert, Badge, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { isLastAdmin, type StaffMember, useStaff } from "../../api/staff";
import { time } from "../../format";
import { useMay } from "../../session";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { RevokeDialog, RoleDialog } from "./dialogs";

type Asking = { give: StaffMember | null } | { take: StaffMember } | null;

/** Who has a role here; for admins, who give and take them. */
export default function Staff() {
  const admin = useMay("admin");
  const list = useStaff(admin);
  const [asking, setAsking] = useState<Asking>(null);
  const { staff } = list;
  const close = () => setAsking(null);
  if (!admin) {
    return (
      <>
        <PageHead title={t("staff.title")} />
        <EmptyNotice title={t("staff.adminsOnly")} />
      </>
    );
  }
  return (
    <>
      <PageHead title={t("staff.title")}>
        <Button
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => setAsking({ give: null })}
        >
          {t("staff.give")}
        </Button>
      </PageHead>
      {list.error && <ErrorNotice error={list.error} retry={list.refetch} />}
      {!staff && !list.error && <LoadingRows />}
      {staff && !list.hasNextPage && isLastAdmin(staff) && (
        <Alert color="yellow" mb="md" role="status" title={t("staff.lastAdmin")}>
          {t("staff.lastAdminHint")}
        </Alert>
      )}
      {staff && (
        <Stack gap="xs" component="ul" m={0} p={0} className="plain" aria-label={t("staff.title")}>
          {staff.map((one) => (
            <Paper component="li" withBorder p="sm" key={one.uid} aria-label={nameOf(one)}>
              <Row
                member={one}
                change={() => setAsking({ give: one })}
                revoke={() => setAsking({ take: one })}
              />
            </Paper>
          ))}
        </Stack>
      )}
      {list.hasNextPage && (
        <Group mt="md">
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => list.fetchNextPage()}
          >
            {t("staff.lookFurther")}
          </Button>
        </Group>
      )}
      {asking && "give" in asking && <RoleDialog member={asking.give} close={close} />}
      {asking && "take" in asking && <RevokeDialog member={asking.take} close={close} />}
    </>
  );
}

const nameOf = (member: StaffMember): string => member.email ?? member.name ?? member.uid;

function Row(props: { member: StaffMember; change: () => void; revoke: () => void }) {
  const { member } = props;
  const { email, name, role, verified, disabled, secondFactor, lastSignInAt, you } = member;
  return (
    <Group justify="space-between" gap="sm">
      <div>
        <Group gap="xs">
          <Text fw={600}>{nameOf(member)}</Text>
          {you && <Mark>{t("staff.you")}</Mark>}
          <Mark>{role ? t(`staff.role.${role}`) : t("staff.role.none")}</Mark>
          {!verified && <Mark>{t("shared.notVerified")}</Mark>}
          {disabled && <Mark>{t("staff.disabled")}</Mark>}
        </Group>
        {email && name && <Text size="sm">{name}</Text>}
        <Text size="sm" c="dimmed">
          {secondFactor ? t("staff.secondFactor") : t("staff.noSecondFactor")}
          {" · "}
          {lastSignInAt ? t("staff.lastSignIn", { at: time(lastSignInAt) }) : t("staff.neverIn")}
        </Text>
        {!verified && <Text size="sm">{t("staff.notVerifiedHint")}</Text>}
      </div>
      {you ? (
        <Text size="sm" c="dimmed">
          {t("staff.ownRole")}
        </Text>
      ) : (
        <Group gap="xs">
          {email && (
            <Button size="compact-sm" variant="default" onClick={props.change}>
              {t("staff.change")}
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={props.revoke}>
            {t("staff.take")}
          </Button>
        </Group>
      )}
    </Group>
  );
}

function Mark({ children }: { children: string }) {
  return (
    <Badge variant="default" tt="none" miw="max-content">
      {children}
    </Badge>
  );
}
