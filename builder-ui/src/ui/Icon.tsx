import {
  IconArrowsDown,
  IconArrowsSplit2,
  IconBriefcase,
  IconClock,
  IconCode,
  IconDoorEnter,
  IconFlag,
  IconGitFork,
  IconGitMerge,
  IconMail,
  IconMessage,
  IconPackage,
  IconPhone,
  IconPlug,
  IconRadar,
  IconRepeat,
  IconRoute,
  IconShieldCheck,
  IconTruckDelivery,
  IconUserCheck,
  IconVariable,
  IconWebhook,
  type Icon,
} from '@tabler/icons-react';

const icons: Record<string, Icon> = {
  branch: IconGitFork,
  split: IconArrowsSplit2,
  parallel: IconArrowsDown,
  join: IconGitMerge,
  repeat: IconRepeat,
  set: IconVariable,
  call: IconRoute,
  end: IconFlag,
  entry: IconDoorEnter,
  clock: IconClock,
  event: IconRadar,
  plug: IconPlug,
  mail: IconMail,
  message: IconMessage,
  package: IconPackage,
  phone: IconPhone,
  'user-check': IconUserCheck,
  briefcase: IconBriefcase,
  truck: IconTruckDelivery,
  'truck-delivery': IconTruckDelivery,
  shield: IconShieldCheck,
  'shield-check': IconShieldCheck,
  webhook: IconWebhook,
  code: IconCode,
};

/** The icon of a step or plugin, by the name its manifest gives; a plug when we have none of that name. */
export function StepIcon({ name, size = 15 }: { name: string; size?: number }) {
  const Shape = icons[name] ?? IconPlug;
  return <Shape size={size} stroke={1.75} aria-hidden />;
}
