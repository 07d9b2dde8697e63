import { NativeSelect, Stack } from "@mantine/core";
import { useSearchParams } from "react-router";
import { useStaff } from "../../api/staff";
import { Trail } from "../../audit/Trail";
import { t } from "../../words";

/** Who did what: everybody, or one of staff. */
export function StaffTrail() {
  const [asked, ask] = useSearchParams();
  const { staff } = useStaff();
  const who = asked.get("who");
  return (
    <Stack>
      <NativeSelect
        label={t("activity.trail.who")}
        maw={420}
        value={who ?? ""}
        data={[
          { value: "", label: t("activity.trail.everybody") },
          ...(staff ?? []).map((one) => ({
            value: one.uid,
            label: one.email ?? one.name ?? one.uid,
          })),
          // Whoever was staff once, or until the list is there.
          ...(who && !staff?.some((one) => one.uid === who) ? [{ value: who, label: who }] : []),
        ]}
        onChange={(event) => {
          const uid = event.currentTarget.value;
          ask(uid ? { tab: "trail", who: uid } : { tab: "trail" }, { replace: true });
        }}
      />
      <Trail of={who ? { userId: who } : {}} />
    </Stack>
  );
}
