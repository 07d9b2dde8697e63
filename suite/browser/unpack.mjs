// Unpack Chromium into the folder that TMPDIR names, and say where it is.
// The package was made for Lambda, and brings the libraries that are missing there.
process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs20.x";
const { default: chromium } = await import("@sparticuz/chromium");
console.log(await chromium.executablePath());
