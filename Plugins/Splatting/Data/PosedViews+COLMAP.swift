import Genera

extension PosedViews {
    /// Reads the largest of some sparse models, and finds its photographs.
    static func colmap(_ source: String, _ folders: [String], _ reading: ViewReading) throws -> PosedViews {
        guard let (model, remark) = try COLMAPModel.largest(folders) else {
            throw FormatError(file: source, reason: "holds no COLMAP model")
        }
        var remarks = remark.map { [$0] } ?? []
        let folder = imageFolder(source, model, reading)
        let masks = try MaskFinding(reading.masks, places: [source, FileSystem.parent(of: folder)])
        var ids: Set<String> = []
        let sorted = model.pictures.sorted { $0.name < $1.name }
        let named = try sorted.map { picture in
            guard ids.insert(picture.name).inserted else {
                throw FormatError(
                    file: model.imagesFile, place: "image \(picture.id)",
                    reason: "there are two images named \(picture.name)")
            }
            let camera = try model.photographed(picture, reading.cameras)
            let file =
                PicturePath.find(picture.name, in: folder)
                ?? PicturePath.find(FileSystem.name(of: picture.name), in: folder)
            return NamedView(
                name: picture.name, imagePath: file, maskPath: masks.path(for: picture.name), camera: { _, _ in camera }
            )
        }
        let finding = try ViewFinding(named, file: model.imagesFile, folder: folder, mustAgree: false, reading)
        if let remark = finding.remark { remarks.append(remark) }
        let (train, test) = split(finding.views, reading)
        try requireTraining(train, file: source)
        let points = try points(of: model, train, reading, &remarks)
        return PosedViews(
            path: source, kind: .colmap, train: train, test: test, val: [], points: points, remarks: remarks)
    }

    /// Below the data set's folder, or near the model's where that was given itself.
    private static func imageFolder(_ source: String, _ model: COLMAPModel, _ reading: ViewReading) -> String {
        let name = reading.images ?? "images"
        let above = FileSystem.parent(of: model.folder)
        let candidates = [source, model.folder, above, FileSystem.parent(of: above)].map {
            PicturePath.joined($0, name)
        }
        return candidates.first { FileSystem.isFolder($0) } ?? candidates[0]
    }

    private static func points(
        of model: COLMAPModel, _ train: [View], _ reading: ViewReading, _ remarks: inout [String]
    ) throws -> InitialPoints {
        guard reading.readsPoints else { return InitialPoints(positions: [], colours: []) }
        if let file = model.pointsFile {
            let view = try MappedFile(path: file).view
            let points =
                model.isBinary
                ? try COLMAPBinary.points(view, file: file) : try COLMAPText.points(view, file: file)
            if points.count > 0 { return points }
        } else if FileSystem.exists("\(model.folder)/points3D.ply") {
            return try InitialPoints.read(ply: "\(model.folder)/points3D.ply")
        }
        return randomPoints(around: train, reading, &remarks)
    }

    /// Points where the cameras are, for a data set without.
    static func randomPoints(
        around train: [View], _ reading: ViewReading, _ remarks: inout [String]
    ) -> InitialPoints {
        let extent = extent(of: train.map(\.camera))
        remarks.append(
            "there are no points to begin with; \(reading.pointCount) are drawn in a cube around the cameras")
        return .random(
            reading.pointCount, halfSide: Float(extent.radius), centre: extent.centre.map { Float($0) },
            seed: reading.seed)
    }
}
