#if !FUZZING
    import Foundation
    import Genera
    import Testing

    /// Throws damaged files at every reader, made of those in `Corpus` by chance. `GENERA_FUZZ_SECONDS` is the time for each reader,
    /// `GENERA_FUZZ_SEED` the start of the random numbers. `scripts/fuzz` does the same with libFuzzer, which sees where they lead.
    @Suite(.serialized) struct FuzzTests {
        @Test("Damaged files never do harm", arguments: Reader.all)
        func damage(reader: Reader) throws {
            let environment = ProcessInfo.processInfo.environment
            let seconds = Double(environment["GENERA_FUZZ_SECONDS"] ?? "") ?? 0.3
            let seed = UInt64(environment["GENERA_FUZZ_SEED"] ?? "") ?? 1
            var damage = Damage(seed: seed)
            let files = try Corpus.files(reader.name)
            for file in files { try expectNoFault(reader, file.bytes, file.name) }
            let end = Date(timeIntervalSinceNow: seconds)
            let memory = residentMebibytes
            var rounds = 0
            while Date() < end {
                try expectNoFault(reader, damage.damaged(files.map(\.bytes)), "seed \(seed), round \(rounds)")
                rounds += 1
            }
            let growth = residentMebibytes - memory
            #expect(growth < 384, "\(reader), seed \(seed): \(growth) MiB more after \(rounds) rounds")
        }

        private func expectNoFault(_ reader: Reader, _ bytes: [UInt8], _ place: String) throws {
            let start = Date()
            if let error = reader.error(of: ByteView(bytes)), !Reader.isOurs(error) {
                Issue.record("\(reader), \(place): \(type(of: error)) is not an error of ours: \(error)")
            }
            let took = Date().timeIntervalSince(start)
            if took > 5 { Issue.record("\(reader), \(place): \(took) s for \(bytes.count) bytes") }
        }

        @Test("Every reader has a corpus, and every corpus a reader")
        func corpus() throws {
            #expect(Set(try Corpus.names) == Set(Reader.all.map(\.name)))
            #expect(Set(Reader.all.map(\.name)).count == Reader.all.count)
        }

        /// The most memory that the process has had; 0 where the system does not say.
        private var residentMebibytes: Int {
            let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
            return Int(line?.filter(\.isNumber) ?? "").map { $0 / 1024 } ?? 0
        }
    }

    /// The files that damage begins with.
    private enum Corpus {
        private static let folder =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Corpus").path

        static var names: [String] {
            get throws { try FileManager.default.contentsOfDirectory(atPath: folder) }
        }

        static func files(_ reader: String) throws -> [(name: String, bytes: [UInt8])] {
            try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(reader)").sorted().map {
                ($0, try FileSystem.contents(of: "\(folder)/\(reader)/\($0)"))
            }
        }
    }

    /// Damages bytes in the ways that files are damaged, and in worse ones.
    private struct Damage {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        /// SplitMix64.
        private mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }

        private mutating func below(_ bound: Int) -> Int { bound <= 0 ? 0 : Int(next() % UInt64(bound)) }

        /// Most of what can go wrong is in the first bytes.
        private mutating func place(in bytes: [UInt8]) -> Int {
            below(below(2) == 0 ? bytes.count : min(bytes.count, 256))
        }

        private mutating func part(of bytes: [UInt8]) -> Range<Int> {
            let start = place(in: bytes)
            return start..<min(bytes.count, start + below(32))
        }

        mutating func damaged(_ files: [[UInt8]]) -> [UInt8] {
            var bytes = files[below(files.count)]
            for _ in 0...below(6) where !bytes.isEmpty {
                switch below(7) {
                case 0: bytes[place(in: bytes)] ^= 1 << UInt8(below(8))
                case 1: bytes[place(in: bytes)] = UInt8(truncatingIfNeeded: next())
                case 2: bytes.removeLast(below(bytes.count))
                case 3: overwrite(&bytes)
                case 4:
                    // A digit changed keeps texts readable and reaches further in.
                    let digits = bytes.indices.filter { (48...57).contains(bytes[$0]) }
                    if !digits.isEmpty { bytes[digits[below(digits.count)]] = UInt8(48 + below(10)) }
                case 5: bytes.removeSubrange(part(of: bytes))
                default:
                    let other = files[below(files.count)]
                    bytes.insert(contentsOf: other[part(of: other)], at: place(in: bytes))
                }
            }
            return bytes
        }

        private mutating func overwrite(_ bytes: inout [UInt8]) {
            let values: [UInt64] = [
                0, 1, 255, .max, 1 << 31, 0xFFFF_FFFF, 1 << 62, 1 << 63, 0x7FC0_0000_7FC0_0000,
            ]
            let start = place(in: bytes)
            let width = min([1, 2, 4, 8][below(4)], bytes.count - start)
            let value = withUnsafeBytes(of: values[below(values.count)].littleEndian) { Array($0.prefix(width)) }
            bytes.replaceSubrange(start..<start + width, with: value)
        }
    }
#endif
