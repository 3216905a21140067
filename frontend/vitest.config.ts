export default { define: { SERVED: "true" } };
