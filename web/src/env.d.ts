/** The functions' region, from crm.toml when the console is built. */
declare const __REGION__: string;
declare const __TIME_ZONE__: string;
declare const __CONSOLE__: import("./setup").Setup;
