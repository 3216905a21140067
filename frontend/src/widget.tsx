// A laboratory in a notebook (anywidget): its state, description and kernel are traits of the Python object.
import style from "./built-style.css";
import { Partner } from "./futures/partner";
import { widgetOf } from "./notebook";
import { linkSession, sessionOf } from "./notebook_session";
import { WorkplaceProvider, workplaceOf } from "./views/common";
import { Laboratory } from "./views/laboratory";

export default widgetOf("laboratory", style, async (model) => {
  const { session } = await sessionOf(model);
  return {
    view: (surroundings, host) => {
      const place = workplaceOf(session, surroundings);
      place.futures.follow(new Partner(model));
      Object.assign(host, { futures: place.futures });
      const shown = (
        <WorkplaceProvider value={place}>
          <Laboratory />
        </WorkplaceProvider>
      );
      return { shown, end: () => place.futures.end() };
    },
    link: (hosts) => linkSession(session, model, hosts),
    handles: { session },
  };
});
