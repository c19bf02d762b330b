// The origin: answers at once with a small JSON body.

export default {
  fetch(): Response {
    return new Response('{"ok":true}\n', { headers: { "content-type": "application/json" } });
  },
} satisfies ExportedHandler;
