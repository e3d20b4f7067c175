import Foundation
import Genera
import GeneraTesting
import Testing

@testable import Splatting

@Suite struct CameraFileTests {
    private func read(_ text: String, _ reading: CameraReading = .init()) throws -> CameraList {
        try CameraList.read(ByteView(Array(text.utf8)), file: "c.json", reading)
    }

    private func list() throws -> CameraList {
        let orbit = try CameraPath.orbit(.init(radius: 3.7), count: 5, width: 320, height: 200)
        return CameraList(orbit.enumerated().map { NamedCamera("view \($0)", $1) }, framesPerSecond: 24)
    }

    @Test("Genera's list gives back the same cameras to the last bit, of every projection")
    func roundTrip() throws {
        var cameras = try list()
        for (index, projection) in Camera.Projection.allCases.enumerated() {
            cameras.cameras[index].camera.projection = projection
            cameras.cameras[index].camera.cx = 100.25
        }
        #expect(try read(cameras.json.json) == cameras)
        let folder = TemporaryFolder()
        try cameras.write(to: folder.file("a.json"))
        #expect(try CameraList.read(path: folder.file("a.json")) == cameras)
        #expect(try read(cameras.json.json, CameraReading(isCentred: true)).cameras[0].camera.cx == 160)
    }

    @Test("cameras.json of a model's folder gives back the same cameras")
    func inria() throws {
        let cameras = try list().cameras
        let back = try read(InriaCameras.json(cameras).json).cameras
        #expect(back.map(\.name) == cameras.map(\.name))
        for (a, b) in zip(back, cameras) {
            #expect(isClose(a.camera.rotation, b.camera.rotation, 1e-12))
            #expect(isClose(a.camera.translation, b.camera.translation, 1e-12))
            #expect((a.camera.fx, a.camera.fy) == (b.camera.fx, b.camera.fy))
            #expect((a.camera.width, a.camera.height, a.camera.cx) == (320, 200, 160))
        }
    }

    /// A matrix camera to world in axes x right, y up, z back, as JSON.
    private func matrix(_ camera: Camera) -> String {
        let (turn, centre) = (camera.cameraToWorld, camera.centre)
        let rows = (0..<3).map { "[\(turn[3 * $0]), \(-turn[3 * $0 + 1]), \(-turn[3 * $0 + 2]), \(centre[$0])]" }
        return "[\(rows.joined(separator: ", ")), [0, 0, 0, 1]]"
    }

    @Test("transforms.json: axes, lenses of the file and of frames, sizes written as fractions")
    func transforms() throws {
        let camera = try list().cameras[1].camera
        let text = """
            {"fl_x": 500, "fl_y": 510.5, "cx": 170, "cy": 90, "w": 320.0, "h": 200,
             "applied_transform": [[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0]],
             "frames": [{"file_path": "images/a.png", "transform_matrix": \(matrix(camera))},
                        {"file_path": "./images/b.png", "transform_matrix": \(matrix(camera)), "fl_x": 9, "fl_y": null, "w": 10, "h": 8,
                         "cx": 5, "cy": 4, "k1": 0}]}
            """
        let read = try read(text).cameras
        #expect(read.map(\.name) == ["a", "b"])
        #expect(isClose(read[0].camera.rotation, camera.rotation) && isClose(read[0].camera.centre, camera.centre))
        let first = read[0].camera
        #expect([first.fx, first.fy, first.cx, first.cy] == [500, 510.5, 170, 90] && first.width == 320)
        let second = read[1].camera
        #expect([second.fx, second.fy, second.cx] == [9, 510.5, 5] && second.height == 8)
    }

    @Test("NeRF's files: one angle, square pixels, the size from elsewhere")
    func angle() throws {
        let camera = try list().cameras[0].camera
        let text =
            #"{"camera_angle_x": 1.5707963267948966, "frames": [{"file_path": "r_0", "transform_matrix": \#(matrix(camera))}]}"#
        let read = try read(text, CameraReading(size: (200, 100))).cameras[0].camera
        #expect(isClose([read.fx, read.fy, read.cx, read.cy], [100, 100, 100, 50]))
        #expect(sentence { try self.read(text) }.contains("frames[0] (r_0): the size of its picture is not said"))
    }

    @Test("A path of nerfstudio's viewer: the angle goes from top to bottom; columns first are noticed")
    func viewer() throws {
        let camera = try list().cameras[2].camera
        let (turn, centre) = (camera.cameraToWorld, camera.centre)
        var numbers: [Double] = []
        for row in 0..<3 { numbers += [turn[3 * row], -turn[3 * row + 1], -turn[3 * row + 2], centre[row]] }
        numbers += [0, 0, 0, 1]
        for _ in 0..<2 {
            let text = """
                {"camera_type": "perspective", "render_height": 200, "render_width": 320, "fps": 30, "keyframes": [],
                 "camera_path": [{"camera_to_world": \(numbers), "fov": 90, "aspect": 1.6}]}
                """
            let read = try read(text)
            #expect(read.framesPerSecond == 30 && read.cameras[0].name == "00000")
            #expect(isClose(read.cameras[0].camera.rotation, camera.rotation))
            #expect(isClose(read.cameras[0].camera.centre, camera.centre))
            #expect(isClose([read.cameras[0].camera.fx, read.cameras[0].camera.fy], [100, 100]))
            let rows = numbers
            numbers = (0..<16).map { index in rows[index % 4 * 4 + index / 4] }
        }
    }

    @Test("Lenses that distort are refused by name, unless that is to be overlooked; a fisheye without is one")
    func distortion() throws {
        let pose = matrix(try list().cameras[0].camera)
        func text(_ members: String) -> String {
            #"{"fl_x": 100, "w": 10, "h": 10, \#(members), "frames": [{"file_path": "a", "transform_matrix": \#(pose)}]}"#
        }
        let bent = text(#""camera_model": "OPENCV", "k1": 0.05, "p1": -0.01"#)
        let fault = sentence { try read(bent) }
        #expect(fault.contains("frames[0] (a): the lens distorts (OPENCV, k1 = 0.05, p1 = -0.01)"))
        #expect(fault.contains("undistort"))
        #expect(try read(bent, CameraReading(distortion: .ignored)).cameras[0].camera.projection == .pinhole)
        #expect(
            try read(text(#""camera_model": "OPENCV_FISHEYE", "k1": 0"#)).cameras[0].camera.projection == .fisheye)
        #expect(try read(text(#""camera_model": "EQUIRECTANGULAR""#)).cameras[0].camera.projection == .panorama)
        #expect(
            sentence { try read(text(#""camera_model": "VR180_L""#)) }.contains("of the model VR180_L are not rendered")
        )
    }

    @Test("What is wrong with a file of cameras is said with its place")
    func faults() throws {
        let pose = matrix(try list().cameras[0].camera)
        func frames(_ matrix: String, _ members: String = #""fl_x": 9, "w": 4, "h": 4"#) -> String {
            #"{\#(members), "frames": [{"file_path": "a", "transform_matrix": \#(matrix)}]}"#
        }
        let cases: [(String, String)] = [
            ("{", "not valid JSON"), ("{}", "is no list of cameras that is known"), ("[]", "holds no cameras"),
            (#"{"frames": []}"#, "the list 'frames' is empty"), (#"{"frames": 3}"#, "frames: a list [...]"),
            (#"{"frames": [1]}"#, "frames[0]: an object"),
            (#"{"frames": [{"transform_matrix": []}]}"#, "frames[0]: has no text 'file_path'"),
            (#"{"frames": [{"file_path": "a"}]}"#, "frames[0] (a): has no 'transform_matrix'"),
            (frames("[[1, 0], [0, 1]]"), "'transform_matrix' must be 12 or 16 numbers"),
            (frames(#"[["a"]]"#), "'transform_matrix' must be 12 or 16 numbers"),
            (frames("[[1,0,0,0],[0,1,0,0],[0,0,0,0],[0,0,0,1]]"), "cannot be inverted"),
            (frames("[[1,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,0,2]]"), "cannot be inverted"),
            (frames(pose, #""w": 4, "h": 4"#), "neither the frame nor the file has 'fl_x' or 'camera_angle_x'"),
            (frames(pose, #""camera_angle_x": 3.2, "w": 4, "h": 4"#), "less than pi (180 degrees)"),
            (frames(pose, #""camera_angle_x": 0, "w": 4, "h": 4"#), "more than 0"),
            (frames(pose, #""fl_x": -9, "w": 4, "h": 4"#), "focal lengths are -9.0"),
            (frames(pose, #""fl_x": 9, "w": 0, "h": 4"#), "'w' is 0.0; a whole number of pixels"),
            (frames(pose, #""fl_x": 9, "w": 1.5, "h": 4"#), "'w' is 1.5; a whole number of pixels"),
            (frames(pose, #""fl_x": "9", "w": 4, "h": 4"#), "'fl_x' is not a number"),
            (#"{"camera_path": [], "camera_type": "vr180"}"#, "cameras of type 'vr180' are not rendered"),
            (#"{"camera_path": []}"#, "holds no cameras"),
            (#"{"camera_path": [{"camera_to_world": [1]}]}"#, "camera_path[0]: 'camera_to_world' must be 16 numbers"),
            (
                #"{"camera_path": [{"camera_to_world": [1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1], "fov": 180}]}"#,
                "'fov' is 180.0; more than 0 and less than 180"
            ),
            (
                #"[{"width": 4, "height": 4, "fx": 1, "fy": 1, "position": [0,0,0], "rotation": [[1,0,0],[0,1,0],[0,0,0]]}]"#,
                "camera[0]: 'rotation' is not a rotation"
            ),
            (#"[{"width": 0, "height": 4}]"#, "camera[0]: 'width' is 0.0"),
            (#"{"format": "genera.cameras", "version": 2, "cameras": []}"#, "is of a version that is not known"),
            (
                #"{"format": "genera.cameras", "version": 1, "cameras": [{"projection": "cubist"}]}"#,
                "cameras[0]: there is no projection 'cubist'; known are pinhole"
            ),
        ]
        for (text, words) in cases {
            let fault = sentence { try read(text) }
            #expect(fault.hasPrefix("c.json") && fault.contains(words), "\(text): \(fault)")
        }
        let folder = TemporaryFolder()
        #expect(sentence { try CameraList.read(path: folder.path) }.contains("the folder holds no COLMAP model"))
        #expect(sentence { try CameraList.read(path: folder.file("none.json")) }.contains("none.json"))
    }
}
