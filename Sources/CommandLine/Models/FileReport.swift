import Formats
import Genera
import Imaging

/// What a file is and holds, found out without loading the engine.
struct FileReport {
    /// What kind of file it is, in words.
    var kind: String
    /// Facts about it, in order.
    var facts: [(name: String, value: String)] = []
    /// The tensors in it.
    var tensors: [(name: String, shape: [Int], dtype: String)] = []

    /// Reads a file.
    ///
    /// - Throws: `FormatError` or `ImagingError` for a file that is damaged or of no known kind; `GeneraError` for a folder
    ///   that is no run.
    static func read(_ path: String) throws -> FileReport {
        var report: FileReport
        do { report = try content(path) } catch {
            // A file that nobody else knows may still be a family's own.
            guard try !CurrentRegistry.value.formats(of: path).isEmpty else { throw error }
            report = FileReport(kind: "")
        }
        report.addFamilyFacts(path)
        return report
    }

    /// Whether a file is a model in Genera's own format.
    static func isCheckpoint(_ path: String) -> Bool {
        guard !FileSystem.isFolder(path), let view = try? MappedFile(path: path).view, view.count > 8, view[8] == 0x7B
        else { return false }
        return (try? Safetensors(view, file: path))?.metadata[ModelCheckpoint.Key.family] != nil
    }

    /// What the family of a model says of it. What is wrong with the model is told as a fact, beside all others.
    private mutating func addFamilyFacts(_ path: String) {
        let registry = CurrentRegistry.value
        do {
            let found = try registry.formats(of: path)
            if let one = found.first {
                kind = "model of \(found.map { $0.family.name }.joined(separator: " or ")), \(one.format.summary)"
                add(try one.family.facts(of: one.format.read(path)))
            } else if Self.isCheckpoint(path) {
                let model = try ModelCheckpoint.load(path)
                guard registry.has(model.family) else {
                    facts.append(("family", "'\(model.family)' is not among the families of this program"))
                    return
                }
                add(try registry.family(named: model.family).facts(of: model))
            }
        } catch {
            facts.append(("problem", Failure(error).message))
        }
    }

    private mutating func add(_ found: [Fact]) {
        let known = Set(facts.map(\.name))
        facts = found.filter { !known.contains($0.name) }.map { ($0.name, $0.value.text()) } + facts
    }

    private static func content(_ path: String) throws -> FileReport {
        if FileSystem.isFolder(path) {
            let isRun = RunDirectory(path).isRun
            let isModel = try !isRun && !CurrentRegistry.value.formats(of: path).isEmpty
            return isModel ? FileReport(kind: "folder") : try runDirectory(path)
        }
        let view = try MappedFile(path: path).view
        if starts(view, [0x89, 0x50, 0x4E, 0x47]) { return try png(path) }
        if let format = PictureFormat(view.slice(from: 0, count: min(view.count, 12))?.array() ?? []) {
            return try picture(view, path, format)
        }
        if starts(view, [0x93, 0x4E, 0x55, 0x4D]) { return try npy(view, path) }
        if starts(view, [0x50, 0x4B]) { return try zip(view, path) }
        if starts(view, [0x80]), FileSystem.fileExtension(of: path) != "safetensors" { return try torch(view, path) }
        if starts(view, [0x1F, 0x8B]) || starts(view, [0, 0, 8]) { return try idx(view, path) }
        let isSafetensors = FileSystem.fileExtension(of: path) == "safetensors" || (view.count > 8 && view[8] == 0x7B)
        if isSafetensors { return try safetensors(view, path) }
        throw FormatError(
            file: path, reason: "this is no file that Genera knows",
            advice: "it reads safetensors, PyTorch's .pth, .pt, .bin and .pkl, NPY, NPZ, IDX, zip, PNG, JPEG and WebP")
    }

    private static func starts(_ view: ByteView, _ bytes: [UInt8]) -> Bool {
        view.count >= bytes.count && bytes.indices.allSatisfy { view[$0] == bytes[$0] }
    }

    private mutating func add(_ tensors: [(name: String, tensor: RawTensor)]) {
        self.tensors += tensors.map { ($0.name, $0.tensor.shape, "\($0.tensor.dtype)") }
        let count = tensors.reduce(0) { $0 + $1.tensor.elementCount }
        let bytes = tensors.reduce(0) { $0 + $1.tensor.bytes.count }
        facts.append(("tensors", "\(tensors.count), \(count.grouped) numbers, \(bytes.bytes)"))
    }

    private static func safetensors(_ view: ByteView, _ path: String) throws -> FileReport {
        let file = try Safetensors(view, file: path)
        let family = file.metadata[ModelCheckpoint.Key.family]
        var report = FileReport(kind: family.map { "checkpoint of \($0) (safetensors)" } ?? "safetensors")
        report.facts = file.metadata.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        report.add(file.tensors)
        return report
    }

    private static func torch(_ view: ByteView, _ path: String) throws -> FileReport {
        let archive = try TorchArchive(view, file: path)
        var report = FileReport(kind: "PyTorch file")
        if let names = archive.root.dictionary?.names, !names.isEmpty {
            report.facts.append(("top level", names.prefix(20).joined(separator: ", ")))
        }
        if let tensors = try? archive.stateDictionary() {
            report.add(tensors)
        } else if let network = try? EDMPickle(archive).ema() {
            report.kind = "snapshot of EDM or PFGM++ (pickle)"
            report.facts.append(("network", network.className))
            report.add(network.tensors)
        } else {
            report.facts.append(("content", archive.root.kind))
        }
        return report
    }

    private static func zip(_ view: ByteView, _ path: String) throws -> FileReport {
        let archive = try ZipArchive(view, file: path)
        let names = archive.entries.filter { !$0.isFolder }.map(\.name)
        if names.contains(where: { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }) { return try torch(view, path) }
        if !names.isEmpty, names.allSatisfy({ $0.hasSuffix(".npy") }) {
            let file = try NPZ(view, file: path)
            var report = FileReport(kind: "NumPy arrays (NPZ)")
            report.add(try file.names.map { ($0, try file.tensor($0)) })
            return report
        }
        let pictures = names.count { PictureFormat.isName($0) && !PictureFormat.isLitter($0) }
        var report = FileReport(kind: pictures > 0 ? "zip archive of pictures" : "zip archive")
        report.facts = [("files", names.count.grouped), ("pictures", pictures.grouped)]
        if archive.entry("dataset.json") != nil { report.facts.append(("labels", "dataset.json")) }
        return report
    }

    private static func npy(_ view: ByteView, _ path: String) throws -> FileReport {
        var report = FileReport(kind: "NumPy array (NPY)")
        report.add([("array", try NPY.read(view, file: path))])
        return report
    }

    private static func idx(_ view: ByteView, _ path: String) throws -> FileReport {
        var report = FileReport(kind: "IDX array, as of MNIST")
        report.add([("array", try IDX.read(view, file: path))])
        return report
    }

    private static func png(_ path: String) throws -> FileReport {
        let animation = try APNG.read(path)
        let image = animation.frames[0]
        var report = FileReport(kind: animation.frames.count > 1 ? "animated PNG picture" : "PNG picture")
        report.facts = [size(of: image)]
        if animation.frames.count > 1 { report.facts.append(("frames", "\(animation.frames.count)")) }
        report.facts += try PNG.text(of: path).map { ($0.keyword, $0.value) }
        return report
    }

    private static func picture(_ view: ByteView, _ path: String, _ format: PictureFormat) throws -> FileReport {
        let image = try Image.read(view.array(), file: path)
        var report = FileReport(kind: "\(format.rawValue) picture")
        report.facts = [size(of: image)]
        return report
    }

    private static func size(of image: Image) -> (name: String, value: String) {
        let channels = ["grey", "grey and alpha", "RGB", "RGB and alpha"][min(max(image.channels, 1), 4) - 1]
        return ("size", "\(image.width)x\(image.height), \(channels), \(image.bitDepth) bits")
    }

    private static func runDirectory(_ path: String) throws -> FileReport {
        let run = RunDirectory(path)
        let options = try run.configuration()
        var report = FileReport(kind: "run directory")
        report.facts = options.entries.map { ($0.key, $0.value.text ?? "null") }
        report.facts.append(("checkpoints", run.checkpointSteps.map { "step \($0)" }.joined(separator: ", ")))
        report.facts.append(("model", FileSystem.exists(run.modelFile) ? run.modelFile : "none yet"))
        return report
    }
}
