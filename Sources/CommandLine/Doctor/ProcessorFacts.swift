import Platform

/// What the processor can do, as far as it matters for products of matrices.
struct ProcessorFacts {
    /// Its name.
    let model: String
    /// Its vector and matrix instructions.
    let features: [String]

    /// This machine's.
    static var current: ProcessorFacts { ProcessorFacts(text: SystemFile.text("/proc/cpuinfo") ?? "") }

    /// Reads the text of `/proc/cpuinfo`.
    init(text: String) {
        let lines = text.split(separator: "\n")
        func value(_ key: String) -> String? {
            lines.first { $0.hasPrefix(key) }.flatMap { line in
                line.firstIndex(of: ":").map { String(line[line.index(after: $0)...].drop { $0 == " " }) }
            }
        }
        model = value("model name") ?? "unknown processor"
        let flags = Set((value("flags") ?? value("Features") ?? "").split(separator: " ").map(String.init))
        let known = [
            ("avx2", "AVX2"), ("avx512f", "AVX-512"), ("avx512_bf16", "AVX-512 bf16"), ("amx_bf16", "AMX bf16"),
            ("asimd", "NEON"), ("sve", "SVE"), ("bf16", "bf16"),
        ]
        features = known.filter { flags.contains($0.0) }.map(\.1)
    }
}
