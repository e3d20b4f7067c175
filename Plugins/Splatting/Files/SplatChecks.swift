import Genera

extension SplatScene {
    /// The scene without splats that cannot be drawn: a number that is not finite, or a quaternion of zeros.
    ///
    /// - Parameter dropInvalid: whether such splats are dropped, with a remark, and not an error.
    /// - Throws: `FormatError` that names the first such splat and what is wrong with it.
    func checked(file: String, dropInvalid: Bool) throws -> SplatScene {
        guard let fault = splats.firstFault else { return self }
        guard dropInvalid else {
            throw FormatError(
                file: file, place: "splat \(fault.splat)", reason: fault.reason,
                advice: "drop such splats when reading (--drop-invalid), or repair the file")
        }
        var scene = self
        let kept = splats.validIndices
        scene.splats = splats.selecting(kept)
        scene.remarks.append("\(splats.count - kept.count) splats were dropped, the first because \(fault.reason)")
        return scene
    }
}

extension Splats {
    /// The first splat, and of its numbers the first, that is not finite, or a quaternion without length.
    var firstFault: (splat: Int, reason: String)? {
        var first: (splat: Int, reason: String)?
        for plane in 0..<planeCount where hasNonFinite(plane) {
            let numbers = self.plane(plane)
            let index = numbers.firstIndex { !$0.isFinite }! - numbers.startIndex
            if first.map({ index < $0.splat }) ?? true {
                first = (index, "\(name(ofPlane: plane)) is \(self[plane, index]), a finite number was expected")
            }
        }
        if let index = firstWithoutRotation, first.map({ index < $0.splat }) ?? true {
            first = (index, "its quaternion is zero, one with a direction was expected")
        }
        return first
    }

    /// The splats that can be drawn.
    var validIndices: [Int] {
        (0..<count).filter { splat in
            hasRotation(splat) && (0..<planeCount).allSatisfy { self[$0, splat].isFinite }
        }
    }

    /// These splats alone, in this order.
    func selecting(_ indices: [Int]) -> Splats {
        var result = Splats(count: indices.count, degree: degree)
        for plane in 0..<planeCount {
            let base = plane * stride
            result.withPlane(plane) { target in
                for (position, index) in indices.enumerated() { target[position] = storage[base + index] }
            }
        }
        return result
    }

    private func hasNonFinite(_ plane: Int) -> Bool {
        self.plane(plane).withUnsafeBufferPointer { numbers in
            // The greatest of whole numbers is found many at a time; of floating-point ones it is not.
            var greatest: UInt32 = 0
            for number in numbers { greatest = max(greatest, number.bitPattern & 0x7FFF_FFFF) }
            return greatest >= 0x7F80_0000
        }
    }

    private func hasRotation(_ splat: Int) -> Bool {
        var length: Float = 0
        for plane in Plane.rotation..<Plane.opacity { length += self[plane, splat] * self[plane, splat] }
        return length != 0
    }

    private var firstWithoutRotation: Int? {
        storage.withUnsafeBufferPointer { memory in
            guard let base = memory.baseAddress else { return nil }
            let q = (0..<4).map { base + (Plane.rotation + $0) * stride }
            let (w, x, y, z) = (q[0], q[1], q[2], q[3])
            for i in 0..<count where w[i] * w[i] + x[i] * x[i] + y[i] * y[i] + z[i] * z[i] == 0 { return i }
            return nil
        }
    }
}
