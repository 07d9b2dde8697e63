// Stands in for Google's loader of frames (https://apis.google.com/js/api.js), which tests cannot reach: as much of
// `gapi.iframes` as Firebase's SDK and the Auth emulator's frame use of it, over postMessage.
(() => {
  const FLAG = "gapi-stand-in";
  let last = 0;

  class Frame {
    constructor(other) {
      this.other = other;
      this.handlers = new Map();
      this.waiting = []; // what came before somebody listened to it
      this.replies = new Map();
      this.here = new Promise((resolve) => this.handlers.set("hello", resolve));
      addEventListener("message", ({ data, source }) => {
        if (source !== this.other() || data?.flag !== FLAG) return;
        if (data.reply) return this.replies.get(data.reply)?.(data.results);
        this.waiting.push(data);
        this.deliver();
      });
    }
    post(message) {
      this.other().postMessage({ flag: FLAG, ...message }, "*");
    }
    deliver() {
      this.waiting = this.waiting.filter(({ id, type, data }) => {
        const handler = this.handlers.get(type);
        if (handler) Promise.resolve(handler(data)).then((one) => this.post({ reply: id, results: [one] }));
        return !handler;
      });
    }
    register(type, handler) {
      this.handlers.set(type, handler);
      this.deliver();
    }
    send(type, data, answered) {
      last += 1;
      this.replies.set(last, answered);
      this.post({ id: last, type, data });
    }
    async restyle() {}
    ping(done) {
      return this.here.then(done);
    }
  }

  const context = {
    open({ where, url, attributes }, ready) {
      const element = document.createElement("iframe");
      Object.assign(element.style, attributes?.style);
      element.src = url;
      where.append(element);
      return ready(new Frame(() => element.contentWindow));
    },
    getParentIframe() {
      const parent = new Frame(() => window.parent);
      parent.send("hello", null, () => {});
      return parent;
    },
  };

  window.gapi = {
    load: (_name, { callback }) => setTimeout(callback),
    iframes: { Iframe: Frame, CROSS_ORIGIN_IFRAMES_FILTER: null, getContext: () => context },
  };
  const name = new URL(document.currentScript.src).searchParams.get("onload") ?? "gapi_onload";
  window[name]?.();
})();
