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
        guard !FileSystem.isFolder(path), let view = try? MappedFile(path: path).view, Safetensors.isOne(view) else {
            return false
        }
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
                    facts.append(
                        ("family", "'\(Printable.name(model.family))' is not among the families of this program"))
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
        let kind = FileKind(view)
        switch kind {
        case .png: return try png(path)
        case .jpeg, .webP: return try picture(view, path)
        case .npy: return try npy(view, path)
        case .zip: return try zip(view, path)
        case .pickle: return try torch(view, path)
        case .gzip, .idx: return try idx(view, path)
        case .safetensors: return try safetensors(view, path)
        // What is damaged is told by the reader it was meant for.
        case .other where FileSystem.fileExtension(of: path) == "safetensors": return try safetensors(view, path)
        default: throw unknown(kind, path)
        }
    }

    /// The error for a file of a kind that is not described here.
    private static func unknown(_ kind: FileKind, _ path: String) -> FormatError {
        let read = "safetensors, PyTorch's .pth, .pt, .bin and .pkl, NPY, NPZ, IDX, zip, PNG, JPEG and WebP"
        guard kind != .other else {
            return FormatError(
                file: path, reason: "this is no file that \(ProgramName.current) knows", advice: "it reads \(read)")
        }
        let (reason, advice) = kind.refusal(wanted: "a file that is described")
        return FormatError(file: path, reason: reason, advice: advice.isEmpty ? "what is read: \(read)" : advice)
    }

    private mutating func add(_ tensors: [(name: String, tensor: RawTensor)]) {
        add(tensors.map { ($0.name, $0.tensor.shape, "\($0.tensor.dtype)") }, bytes: tensors.map(\.tensor.bytes.count))
    }

    private mutating func add(_ tensors: [(name: String, shape: [Int], dtype: String)], bytes: [Int]) {
        self.tensors += tensors
        // Shapes of types that are not read are not checked, so sums of them may overflow.
        let count = tensors.reduce(0.0) { sum, one in sum + one.shape.reduce(1.0) { $0 * Double($1) } }
        let numbers = Int(exactly: count)?.grouped ?? "\(count)"
        facts.append(("tensors", "\(tensors.count), \(numbers) numbers, \(bytes.reduce(0, +).bytes)"))
    }

    private static func safetensors(_ view: ByteView, _ path: String) throws -> FileReport {
        let file = try Safetensors(view, file: path)
        let family = file.metadata[ModelCheckpoint.Key.family]
        var report = FileReport(
            kind: family.map { "checkpoint of \(Printable.name($0)) (safetensors)" } ?? "safetensors")
        report.facts = file.metadata.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        let tensors = file.descriptions
        report.add(
            tensors.map { ($0.name, $0.shape, $0.typeText) },
            bytes: tensors.map(\.byteCount))
        return report
    }

    private static func torch(_ view: ByteView, _ path: String) throws -> FileReport {
        let archive = try TorchArchive(view, file: path)
        var report = FileReport(kind: "PyTorch file")
        if let names = archive.root.dictionary?.names, !names.isEmpty {
            report.facts.append(("top level", names.prefix(20).map(Printable.name).joined(separator: ", ")))
        }
        if let tensors = try? archive.stateDictionary() {
            if let place = archive.weightsPlace { report.facts.append(("weights", place)) }
            report.add(tensors)
        } else if let network = try? EDMPickle(archive).network() {
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
            let arrays = try file.names.map { ($0, try file.description(of: $0)) }
            report.add(arrays.map { ($0.0, $0.1.shape, $0.1.type) }, bytes: arrays.map(\.1.byteCount))
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

    private static func picture(_ view: ByteView, _ path: String) throws -> FileReport {
        let image = try Image.read(view.array(), file: path)
        var report = FileReport(kind: "\(FileKind(view) == .jpeg ? "JPEG" : "WebP") picture")
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
