/** Whether the page comes from a server, which follows the model's file; set by build.mjs. */
declare const SERVED: boolean;
