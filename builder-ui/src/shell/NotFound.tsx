import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Empty } from '../ui/StateView.tsx';

/** What stands where no screen is. */
export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty
      action={
        <Link to="/journeys" className="btn">
          {t('nav.journeys')}
        </Link>
      }
    >
      {t('states.notFound')}
    </Empty>
  );
}
