import Genera

extension PosedViews {
    /// Reads `transforms_train.json` and, where they are there, the files for `val` and `test`.
    static func nerf(_ source: String, _ reading: ViewReading) throws -> PosedViews {
        var remarks: [String] = []
        func views(_ part: String) throws -> [View] {
            let file = "\(source)/transforms_\(part).json"
            guard FileSystem.exists(file) else { return [] }
            let transforms = try TransformsFile(MappedFile(path: file).view, file: file)
            let finding = try finding(transforms, source, reading)
            if let remark = finding.remark { remarks.append("\(FileSystem.name(of: file)): \(remark)") }
            return finding.views
        }
        let (first, test, val) = (try views("train"), try views("test"), try views("val"))
        if reading.isEvaluated, test.isEmpty { remarks.append("there is no transforms_test.json: nothing is tested") }
        let train = reading.isEvaluated ? first : first + test
        let cloud = "\(source)/points3d.ply"
        let points: InitialPoints
        if !reading.readsPoints {
            points = InitialPoints(positions: [], colours: [])
        } else if FileSystem.exists(cloud) {
            points = try .read(ply: cloud)
        } else {
            points = .random(reading.pointCount, seed: reading.seed)
            remarks.append(
                "there are no points to begin with; \(reading.pointCount) are drawn in a cube from -1.3 to 1.3")
        }
        return PosedViews(
            path: source, kind: .nerf, train: train, test: reading.isEvaluated ? test : [], val: val, points: points,
            remarks: remarks)
    }

    /// Reads one file with all photographs.
    static func nerfstudio(file: String, _ reading: ViewReading) throws -> PosedViews {
        let source = FileSystem.parent(of: file)
        let transforms = try TransformsFile(MappedFile(path: file).view, file: file)
        var remarks: [String] = []
        let finding = try finding(transforms, source, reading)
        if let remark = finding.remark { remarks.append(remark) }
        let views = finding.views.sorted { $0.name < $1.name }
        var (train, test, val) = (views, [View](), [View]())
        if let names = transforms.splits.train {
            func chosen(_ names: [String]?) -> [View] {
                let wanted = Set((names ?? []).map { PicturePath.withoutEnding(PicturePath.joined("", $0)) })
                return views.filter { wanted.contains($0.name) }
            }
            (train, test, val) = (chosen(names), chosen(transforms.splits.test), chosen(transforms.splits.val))
            if !reading.isEvaluated { (train, test) = (train + test, []) }
        } else {
            (train, test) = split(views, reading)
        }
        try requireTraining(train, file: file)
        return PosedViews(
            path: source, kind: .nerfstudio, train: train, test: test, val: val,
            points: try points(of: transforms, source, train, reading, &remarks), remarks: remarks)
    }

    private static func finding(
        _ transforms: TransformsFile, _ source: String, _ reading: ViewReading
    ) throws -> ViewFinding {
        let masks = try MaskFinding(reading.masks, places: [source])
        var statesSizes = true
        let named = try transforms.frames.map { frame in
            let size = try frame.statedSize
            if size == nil { statesSizes = false }
            let stated = reading.masks == .none ? nil : frame.maskPath.flatMap { PicturePath.find($0, in: source) }
            let name = PicturePath.joined("", frame.path)
            return NamedView(
                name: name, imagePath: PicturePath.find(frame.path, in: source),
                maskPath: stated ?? masks.path(for: name) ?? masks.path(for: FileSystem.name(of: name)),
                camera: { width, height in
                    try frame.photographed(
                        width: size?.width ?? width, height: size?.height ?? height, reading.cameras)
                })
        }
        return try ViewFinding(named, file: transforms.file, folder: source, mustAgree: !statesSizes, reading)
    }

    private static func points(
        of transforms: TransformsFile, _ source: String, _ train: [View], _ reading: ViewReading,
        _ remarks: inout [String]
    ) throws -> InitialPoints {
        guard reading.readsPoints else { return InitialPoints(positions: [], colours: []) }
        if let name = transforms.pointsPath {
            let path = PicturePath.joined(source, name.slashed)
            if FileSystem.exists(path) { return try .read(ply: path) }
            remarks.append("\(path), the file of points, is not there")
        }
        let usual = ["sparse_pc.ply", "points3D.ply", "points3d.ply", "init.ply"].map { "\(source)/\($0)" }
        if let path = usual.first(where: { FileSystem.exists($0) }) {
            remarks.append("points to begin with are taken from \(path), which lies beside the file")
            return try .read(ply: path)
        }
        return randomPoints(around: train, reading, &remarks)
    }
}
