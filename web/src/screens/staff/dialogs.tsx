import { Radio, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { type StaffMember, useStaffChanged } from "../../api/staff";
import type { Role } from "../../api/types";
import { useBackend } from "../../backend";
import { Confirm } from "../../ui/Confirm";
import { notifyDone } from "../../ui/notify";
import { useProof } from "../../ui/proof";
import { t } from "../../words";

const ROLES: Role[] = ["viewer", "editor", "admin"];

/** A role for an account, by its address, or another one for somebody who has one. */
export function RoleDialog({ member, close }: { member: StaffMember | null; close: () => void }) {
  const backend = useBackend();
  const changed = useStaffChanged();
  const [typed, setTyped] = useState("");
  const [role, setRole] = useState<Role | null>(member?.role ?? null);
  const { field, ready, prove } = useProof();
  const email = member?.email ?? typed.trim();
  const give = useDeed({
    work: async (wanted: Role, signal) => {
      await prove();
      signal.throwIfAborted();
      return await call(backend, "grant_role", { email, role: wanted });
    },
    onSuccess: () => {
      notifyDone(t("staff.given", { email }));
      close();
    },
    onSettled: changed,
  });
  return (
    <Confirm
      title={member ? t("staff.changeTitle", { email }) : t("staff.give")}
      action={member ? t("staff.changeDo") : t("staff.giveDo")}
      pending={give.isPending}
      error={give.error}
      disabled={!ready || !role || !email || role === member?.role}
      close={close}
      confirm={() => role && give.run(role)}
    >
      {!member && (
        <TextInput
          type="email"
          label={t("staff.email")}
          description={t("staff.emailHint")}
          required
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
      )}
      <Radio.Group
        label={t("staff.roleLabel")}
        required
        value={role}
        onChange={(value) => setRole(ROLES.find((one) => one === value) ?? null)}
      >
        <Stack gap="xs" mt="xs">
          {ROLES.map((one) => (
            <Radio
              key={one}
              value={one}
              label={t(`staff.role.${one}`)}
              description={t(`staff.may.${one}`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      <Text size="sm">{t("staff.counts")}</Text>
      {field}
    </Confirm>
  );
}

/** Taking somebody's role away. */
export function RevokeDialog({ member, close }: { member: StaffMember; close: () => void }) {
  const backend = useBackend();
  const changed = useStaffChanged();
  const { field, ready, prove } = useProof();
  const name = member.email ?? member.name ?? member.uid;
  const take = useDeed({
    work: async (_, signal) => {
      await prove();
      signal.throwIfAborted();
      return await call(backend, "revoke_role", { uid: member.uid });
    },
    onSuccess: () => {
      notifyDone(t("staff.taken", { name }));
      close();
    },
    onSettled: changed,
  });
  return (
    <Confirm
      title={t("staff.takeTitle", { name })}
      action={t("staff.takeDo")}
      danger
      pending={take.isPending}
      error={take.error}
      disabled={!ready}
      close={close}
      confirm={() => take.run()}
    >
      <Text>{t("staff.takeWhat")}</Text>
      {field}
    </Confirm>
  );
}
