import type { ComponentChildren } from 'preact';

function icon(children: ComponentChildren) {
  return () => (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {children}
    </svg>
  );
}

export const PauseIcon = icon(<path d="M5.5 3v10M10.5 3v10" />);
export const PlayIcon = icon(<path d="M5 3l8 5-8 5z" />);
export const TrashIcon = icon(
  <path d="M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9M6.7 7v4M9.3 7v4" />,
);
export const ChartIcon = icon(<path d="M2.5 13.5h11M4.5 11V8M8 11V3M11.5 11V6" />);
export const HelpIcon = icon(
  <>
    <rect x="1.5" y="4" width="13" height="8.5" rx="1.5" />
    <path d="M4 6.7h.01M6.7 6.7h.01M9.3 6.7h.01M12 6.7h.01M5 9.8h6" />
  </>,
);
export const SearchIcon = icon(
  <>
    <circle cx="7" cy="7" r="4.5" />
    <path d="M10.5 10.5l3 3" />
  </>,
);
export const CloseIcon = icon(<path d="M4 4l8 8M12 4l-8 8" />);
export const BackIcon = icon(<path d="M9.5 3.5L5 8l4.5 4.5" />);
export const FilterIcon = icon(<path d="M2 4h12M4.5 8h7M6.5 12h3" />);
export const FailedIcon = icon(
  <>
    <circle cx="8" cy="8" r="5.5" />
    <path d="M8 5v3.5M8 10.9v.1" />
  </>,
);
export const TickIcon = icon(<path d="M3.5 8.5l3 3 6-7" />);
export const MissedIcon = icon(<path d="M4.5 4.5l7 7M11.5 4.5l-7 7" />);
export const DiffersIcon = icon(<path d="M3.5 6.2h9M3.5 9.8h9M10 3.5l-4 9" />);
export const CopyIcon = icon(
  <>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1" />
    <path d="M10.5 5.5v-3h-8v8h3" />
  </>,
);
export const SaveIcon = icon(<path d="M2.5 12.5v-9h4l1.5 2h5.5v7zM8 7.5v3.5M6.3 9.2h3.4" />);
export const DownloadIcon = icon(<path d="M8 2.5v8M4.8 7.5L8 10.7l3.2-3.2M2.5 13.5h11" />);
export const UpIcon = icon(<path d="M8 13V3.5M4 7.2l4-4 4 4" />);
export const CommandIcon = icon(<path d="M3 4.5L6.5 8L3 11.5M8.5 12h5" />);
export const CookieIcon = icon(
  <>
    <circle cx="8" cy="8" r="5.5" />
    <path d="M6 6.5h.01M10 6h.01M9.5 10h.01M6.5 10.2h.01" />
  </>,
);
