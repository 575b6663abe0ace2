import { Menu, Tooltip, useMantineColorScheme } from '@mantine/core';
import {
  IconAlertTriangle,
  IconChecklist,
  IconDeviceMobileMessage,
  IconLanguage,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconListDetails,
  IconLogout,
  IconMoon,
  IconPlug,
  IconRoute,
  IconSun,
  IconSunMoon,
  type Icon,
} from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { incidentsQuery, incidentTotal } from '../api/queries.ts';
import type { Me } from '../api/shapes.ts';
import { speak } from '../i18n/index.ts';
import { languages, normalLanguage } from '../i18n/language.ts';
import { languageNames } from './use-verbs.ts';

interface PlaceProps {
  to: '/journeys' | '/plugins' | '/runs' | '/incidents' | '/tasks' | '/sandbox';
  label: string;
  Shape: Icon;
  rail: boolean;
  count?: number | undefined;
  countName?: string;
  className?: string;
}

function Place({ to, label, Shape, rail, count = 0, countName, className = '' }: PlaceProps) {
  return (
    <Tooltip label={label} position="right" disabled={!rail}>
      <Link
        to={to}
        className={`place ${className}`}
        activeProps={{ 'aria-current': 'page' }}
        aria-label={count > 0 && countName !== undefined ? `${label}, ${countName}` : label}
      >
        <Shape size={rail ? 18 : 16} stroke={1.7} aria-hidden />
        <span>{label}</span>
        {count > 0 ? <em>{count}</em> : null}
      </Link>
    </Tooltip>
  );
}

/** The navigation: 208 px with words, or a rail of 48 px. */
export function Nav({ me, rail, onRail }: { me: Me; rail: boolean; onRail: () => void }) {
  const { t } = useTranslation();
  const { data: incidents } = useQuery({ ...incidentsQuery, refetchInterval: 30_000 });
  const count = incidentTotal(incidents);
  const RailIcon = rail ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  return (
    <nav className="nav" aria-label={t('nav.main')}>
      <div className="brand">
        <Link to="/journeys" aria-label="Sojourn">
          <img src="/icon.svg" width={20} height={20} alt="" />
          <span>Sojourn</span>
        </Link>
      </div>
      <h2>{t('nav.design')}</h2>
      <Place to="/journeys" label={t('nav.journeys')} Shape={IconRoute} rail={rail} />
      <Place
        to="/plugins"
        label={t('nav.plugins')}
        Shape={IconPlug}
        rail={rail}
        className="wide-only"
      />
      <h2>{t('nav.operate')}</h2>
      <Place to="/runs" label={t('nav.runs')} Shape={IconListDetails} rail={rail} />
      <Place
        to="/incidents"
        label={t('nav.incidents')}
        Shape={IconAlertTriangle}
        rail={rail}
        count={count}
        countName={t('incidents.count', { count })}
      />
      <h2>{t('nav.care')}</h2>
      <Place to="/tasks" label={t('nav.tasks')} Shape={IconChecklist} rail={rail} />
      <div className="below">
        {me.deployment.sandbox ? (
          <Place
            to="/sandbox"
            label={t('nav.sandbox')}
            Shape={IconDeviceMobileMessage}
            rail={rail}
          />
        ) : null}
        <LanguageMenu rail={rail} />
        <SchemeMenu rail={rail} />
        <AccountMenu me={me} rail={rail} />
        <Tooltip label={`${t('nav.rail')} · [`} position="right" disabled={!rail}>
          <button
            type="button"
            className="place wide-only"
            onClick={onRail}
            aria-label={t('nav.rail')}
          >
            <RailIcon size={rail ? 18 : 16} stroke={1.7} aria-hidden />
            <span>{t('nav.rail')}</span>
          </button>
        </Tooltip>
      </div>
    </nav>
  );
}

function FootMenu({
  label,
  rail,
  icon,
  children,
  className = 'wide-only',
}: {
  label: string;
  rail: boolean;
  icon: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <Menu position="right-end">
      <Menu.Target>
        <button
          type="button"
          className={`place ${className}`}
          aria-label={label}
          title={rail ? label : undefined}
        >
          {icon}
          <span>{label}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}

function LanguageMenu({ rail }: { rail: boolean }) {
  const { i18n } = useTranslation();
  const current = normalLanguage(i18n.language);
  return (
    <FootMenu
      label={languageNames[current]}
      rail={rail}
      icon={<IconLanguage size={rail ? 18 : 16} stroke={1.7} aria-hidden />}
    >
      {languages.map((language) => (
        <Menu.Item
          key={language}
          lang={language}
          aria-current={language === current}
          onClick={() => void speak(language)}
        >
          {languageNames[language]}
        </Menu.Item>
      ))}
    </FootMenu>
  );
}

const schemes = [
  ['light', IconSun],
  ['dark', IconMoon],
  ['auto', IconSunMoon],
] as const;

function SchemeMenu({ rail }: { rail: boolean }) {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [, Current] = schemes.find(([scheme]) => scheme === colorScheme) ?? schemes[2];
  return (
    <FootMenu
      label={t(`theme.${colorScheme}`)}
      rail={rail}
      icon={<Current size={rail ? 18 : 16} stroke={1.7} aria-hidden />}
    >
      {schemes.map(([scheme, Shape]) => (
        <Menu.Item
          key={scheme}
          leftSection={<Shape size={15} aria-hidden />}
          aria-current={scheme === colorScheme}
          onClick={() => setColorScheme(scheme)}
        >
          {t(`theme.${scheme}`)}
        </Menu.Item>
      ))}
    </FootMenu>
  );
}

function AccountMenu({ me, rail }: { me: Me; rail: boolean }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const { setColorScheme } = useMantineColorScheme();
  const initials = me.name
    .split(/\s+/)
    .map((word) => word[0])
    .join('')
    .slice(0, 2)
    .toUpperCase();
  const signOut = async (): Promise<void> => {
    await call('/sign-out', { method: 'POST' }).catch(() => undefined);
    client.clear();
    location.assign('/');
  };
  return (
    <FootMenu
      label={me.name}
      rail={rail}
      icon={<span className="av">{initials}</span>}
      className=""
    >
      <Menu.Label>
        {me.name} · {t(`roles.${me.role}`, { defaultValue: me.role })}
      </Menu.Label>
      <Menu.Label>Sojourn {me.deployment.version}</Menu.Label>
      <Menu.Divider />
      {languages.map((language) => (
        <Menu.Item
          key={language}
          lang={language}
          aria-current={language === i18n.language}
          onClick={() => void speak(language)}
        >
          {languageNames[language]}
        </Menu.Item>
      ))}
      <Menu.Divider />
      {schemes.map(([scheme, Shape]) => (
        <Menu.Item
          key={scheme}
          leftSection={<Shape size={15} />}
          onClick={() => setColorScheme(scheme)}
        >
          {t(`theme.${scheme}`)}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void signOut()}>
        {t('nav.signOut')}
      </Menu.Item>
    </FootMenu>
  );
}
