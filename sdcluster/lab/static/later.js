// Stands behind the laboratory's script, which ends with `laboratory`: draws it once the model says `shown`.
export default {
  async render({ model, el, ...others }) {
    let end;
    const draw = async () => {
      if (!model.get("shown") || end) return;
      end = () => {};
      end = (await laboratory.render({ model, el, ...others })) ?? end;
    };
    model.on("change:shown", draw);
    await draw();
    return () => {
      model.off("change:shown", draw);
      end?.();
    };
  },
};
