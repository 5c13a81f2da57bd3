#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| { let _ = jurat_onnx::inspect(data); });
