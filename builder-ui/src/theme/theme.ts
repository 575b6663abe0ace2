import {
  Checkbox,
  createTheme,
  Drawer,
  Input,
  Menu,
  Modal,
  NumberInput,
  Select,
  Switch,
  Textarea,
  TextInput,
  Tooltip,
  type CSSVariablesResolver,
} from '@mantine/core';

/** Mantine dressed in the tokens of tokens.css. */
export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 6, dark: 4 },
  autoContrast: true,
  defaultRadius: 6,
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '14px', xl: '18px' },
  respectReducedMotion: true,
  colors: {
    petrol: [
      '#e2f0f4',
      '#c3e0e8',
      '#9ccdd9',
      '#8fc3d0',
      '#5ab6cb',
      '#34899d',
      '#0f6479',
      '#0b5568',
      '#094656',
      '#073743',
    ],
    dark: [
      '#e7ecee',
      '#b3bfc4',
      '#8e9ca2',
      '#6d7d84',
      '#38434a',
      '#252d31',
      '#151a1d',
      '#0e1214',
      '#0b0f10',
      '#080b0c',
    ],
  },
  components: {
    Input: Input.extend({
      defaultProps: { size: 'xs' },
      vars: () => ({
        wrapper: { '--input-height': '30px', '--input-fz': '13px', '--input-bd': 'var(--control)' },
      }),
    }),
    TextInput: TextInput.extend({ defaultProps: { size: 'xs' } }),
    Textarea: Textarea.extend({ defaultProps: { size: 'xs' } }),
    NumberInput: NumberInput.extend({ defaultProps: { size: 'xs', hideControls: true } }),
    Select: Select.extend({
      defaultProps: { size: 'xs', allowDeselect: false, checkIconPosition: 'right' },
    }),
    Switch: Switch.extend({ defaultProps: { size: 'xs' } }),
    Checkbox: Checkbox.extend({ defaultProps: { size: 'xs' } }),
    Menu: Menu.extend({ defaultProps: { shadow: 'lg', radius: 8, position: 'bottom-end' } }),
    Tooltip: Tooltip.extend({
      defaultProps: {
        openDelay: 400,
        withArrow: false,
        fz: 12,
        transitionProps: { duration: 120 },
      },
    }),
    Modal: Modal.extend({
      defaultProps: {
        radius: 12,
        shadow: 'xl',
        centered: true,
        overlayProps: { backgroundOpacity: 0.45 },
        transitionProps: { duration: 120 },
      },
    }),
    Drawer: Drawer.extend({
      defaultProps: {
        overlayProps: { backgroundOpacity: 0.3 },
        transitionProps: { duration: 160 },
      },
    }),
  },
});

/** Mantine's own variables, led to ours: a change of scheme changes nothing but CSS. */
export const cssVariablesResolver: CSSVariablesResolver = () => {
  const both = {
    '--mantine-color-body': 'var(--surface)',
    '--mantine-color-text': 'var(--ink)',
    '--mantine-color-dimmed': 'var(--ink-3)',
    '--mantine-color-default': 'var(--surface)',
    '--mantine-color-default-hover': 'var(--sunken)',
    '--mantine-color-default-border': 'var(--line-2)',
    '--mantine-color-placeholder': 'var(--ink-3)',
    '--mantine-color-error': 'var(--bad)',
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-primary-color-filled': 'var(--accent)',
    '--mantine-primary-color-contrast': 'var(--on-accent)',
    '--mantine-shadow-sm': 'var(--shadow-1)',
    '--mantine-shadow-md': 'var(--shadow-2)',
    '--mantine-shadow-lg': 'var(--shadow-3)',
    '--mantine-shadow-xl': 'var(--shadow-3)',
    '--mantine-line-height': '1.45',
  };
  return { variables: {}, light: both, dark: both };
};
