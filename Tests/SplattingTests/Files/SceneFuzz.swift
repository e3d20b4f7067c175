import Foundation
import Genera
import Testing

@testable import Splatting

/// Throws damaged files at every reader of scenes. A reader may throw an error of ours or return; it may not trap, hang or fill
/// the memory. `GENERA_FUZZ_SECONDS` is the time for each reader, `GENERA_FUZZ_SEED` the start of the random numbers.
@Suite(.serialized) struct SceneFuzz {
    struct Target: Sendable, CustomTestStringConvertible {
        let name: String
        let seeds: @Sendable () throws -> [[UInt8]]
        var testDescription: String { name }
    }

    @Test("Damaged scenes never do harm", arguments: targets)
    func fuzz(target: Target) throws {
        let environment = ProcessInfo.processInfo.environment
        let seconds = Double(environment["GENERA_FUZZ_SECONDS"] ?? "") ?? 0.5
        let seed = UInt64(environment["GENERA_FUZZ_SEED"] ?? "") ?? 1
        let old = SceneCorpus.files.filter { $0.ending.hasSuffix(target.name) }.compactMap {
            Data(base64Encoded: $0.base64)
        }
        let seeds = try target.seeds() + old.map { Array($0) }
        try Scenes.inFolder { folder in
            let path = "\(folder)/scene.\(target.name)"
            for seed in seeds { _ = try read(seed, path) }
            var random = SplitMix(seed: seed)
            let memory = Self.residentMebibytes
            let end = Date(timeIntervalSinceNow: seconds)
            var rounds = 0
            while Date() < end {
                let bytes = Self.mutated(seeds, &random)
                guard !bytes.isEmpty else { continue }
                let start = Date()
                do {
                    let scene = try read(bytes, path)
                    #expect(scene.splats.firstFault == nil)
                } catch is FormatError {
                } catch is FileError, is GeneraError {
                } catch {
                    Issue.record("\(target.name), seed \(seed), round \(rounds): \(error) is not an error of ours")
                }
                let took = Date().timeIntervalSince(start)
                if took > 5 { Issue.record("\(target.name), seed \(seed), round \(rounds): \(took) s") }
                rounds += 1
            }
            let growth = Self.residentMebibytes - memory
            #expect(growth < 384, "\(target.name), seed \(seed): \(growth) MiB more after \(rounds) rounds")
        }
    }

    /// The most memory that the process has had; 0 where the system does not say.
    private static var residentMebibytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
        return Int(line?.filter(\.isNumber) ?? "").map { $0 / 1024 } ?? 0
    }

    /// Reads bytes as a file of a name: by content first, as people's files are, and dropping what cannot be drawn.
    private func read(_ bytes: [UInt8], _ path: String) throws -> SplatScene {
        let source = SplatFormat.Source(path: path, view: ByteView(bytes))
        if source.view.map(SplatArchive.isCheckpoint) == true { try AtomicFile.write(bytes, to: path) }
        return try SplatFormat.find(source).read(source).checked(file: path, dropInvalid: true)
    }

    static let targets: [Target] = [
        Target(name: "ply") {
            try [0, 1].map { try Scenes.bytes(Scenes.random(3, degree: $0), as: "ply") }
                + [textPLY, Scenes.bytes(Scenes.random(3, degree: 1), as: "compressed.ply")]
        },
        Target(name: "splat") { [try Scenes.bytes(Scenes.random(3, degree: 0), as: "splat")] },
        Target(name: "spz") {
            try [2, 3, 4].map { version in
                var options = SplatScene.WritingOptions()
                options.spzVersion = version
                return try Scenes.bytes(Scenes.random(4, degree: 1), as: "spz", options)
            } + [plainSPZ]
        },
        Target(name: "safetensors") { [try Scenes.bytes(Scenes.random(2, degree: 1), as: "safetensors")] },
        Target(name: "pt") {
            let splats = Scenes.random(2, degree: 1).splats
            return try [
                TorchFile.bytes(.dictionary([("splats", .dictionary(TorchFile.tensors(splats)))])),
                TorchFile.bytes(TorchFile.capture(splats, hasShapes: true)),
            ]
        },
        Target(name: "sog") { [try Scenes.inFolder { try ForeignSceneTests.sog($0, version: 2) }] },
        Target(name: "glb") { [ForeignSceneTests.glb()] },
        Target(name: "ksplat") { try [0, 1, 2].map { try ForeignSceneTests.ksplat(level: $0, degree: 1) } },
    ]

    private static var textPLY: [UInt8] {
        get throws {
            try Scenes.inFolder { folder in
                let splats = Scenes.random(2, degree: 0).splats
                let columns = (0..<splats.planeCount).map {
                    PLY.Column(splats.name(ofPlane: $0), .floats(splats.plane($0)))
                }
                try PLY.write(
                    [.init("vertex", count: 2, columns + [.init("more", .lists([[1], [2, 3]]))])], encoding: .ascii,
                    to: "\(folder)/a.ply")
                return try FileSystem.contents(of: "\(folder)/a.ply")
            }
        }
    }

    private static var plainSPZ: [UInt8] {
        get throws {
            let bytes = try Scenes.bytes(Scenes.random(4, degree: 2), as: "spz")
            return try Gzip.expand(ByteView(bytes), file: "").array()
        }
    }

    /// Bytes damaged in the ways that files are damaged, and in worse ones.
    static func mutated(_ seeds: [[UInt8]], _ random: inout SplitMix) -> [UInt8] {
        var bytes = seeds[random.below(seeds.count)]
        // Most of what can go wrong is in the first bytes.
        func place(_ random: inout SplitMix) -> Int {
            random.below(random.below(2) == 0 ? bytes.count : min(bytes.count, 256))
        }
        for _ in 0...random.below(5) where !bytes.isEmpty {
            switch random.below(6) {
            case 0: bytes[place(&random)] ^= 1 << UInt8(random.below(8))
            case 1: bytes[place(&random)] = UInt8(truncatingIfNeeded: random.next())
            case 2: bytes.removeLast(random.below(bytes.count))
            case 3:
                let values: [UInt64] = [0, 1, .max, 1 << 63, 1 << 31, 0xFFFF_FFFF, 1 << 62, 0x7FC0_0000_7FC0_0000]
                let value = withUnsafeBytes(of: values[random.below(values.count)].littleEndian) { Array($0) }
                let start = place(&random)
                let width = min([1, 2, 4, 8][random.below(4)], bytes.count - start)
                bytes.replaceSubrange(start..<start + width, with: value.prefix(width))
            case 4:
                let start = place(&random)
                bytes.removeSubrange(start..<min(bytes.count, start + random.below(32)))
            default:
                let other = seeds[random.below(seeds.count)]
                let start = random.below(other.count)
                bytes.insert(contentsOf: other[start..<min(other.count, start + random.below(32))], at: place(&random))
            }
        }
        return bytes
    }
}
