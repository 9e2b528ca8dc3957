//! Where links lead.

use super::{NINE, booked, browser, builder, form, mailed, read};
use crate::support::{TestApp, on_both_engines};

on_both_engines! {
    async fn a_link_leads_to_where_the_server_listens(engine) {
        let app = builder(engine).spawn().await;
        let link = mailed(&app, &booked(&app, NINE).await).await;
        let url = link.url();
        assert!(url.starts_with(&format!("{}/visit/clv_", app.url)) && url.ends_with(link.path()), "{url}");
        let page = TestApp::send(browser().get(url)).await;
        assert_eq!(page.status, 200, "{page:?}");
    }
}

on_both_engines! {
    async fn where_it_is_said_a_link_leads_to_what_people_type_and_its_page_stays_there(engine) {
        let app = builder(engine).setting("PUBLIC_URL", "https://clinic.example/booking").spawn().await;
        let link = {
            let visit = |path: &str| app.request(reqwest::Method::POST, path).header("host", "clinic.example").bearer_auth(crate::support::API_TOKEN);
            let body = serde_json::json!({ "patient": crate::support::john(), "time": NINE });
            let booked = TestApp::send(visit("/appointment").json(&body)).await;
            mailed(&app, booked.json()["appointment_id"].as_str().unwrap()).await
        };
        assert!(link.url().starts_with("https://clinic.example/booking/visit/clv_"), "{}", link.path().len());
        let path = format!("/booking{}", link.path());
        let typed = |path: &str| app.request(reqwest::Method::GET, path).header("host", "clinic.example");
        let page = read(TestApp::send(typed(&path)).await);
        assert!(page.status == 200 && page.text.contains(&format!("action=\"{path}/cancel\"")), "{page:?}");
        let form = form(&app, &format!("{path}/reminders"), "on=false").header("host", "clinic.example");
        let form = { let (client, request) = form.build_split(); let mut request = request.unwrap();
            request.headers_mut().insert("origin", "https://clinic.example".parse().unwrap());
            reqwest::RequestBuilder::from_parts(client, request) };
        let sent = TestApp::send(form).await;
        assert_eq!((sent.status.as_u16(), sent.header("location")), (303, format!("{}?done=reminders-off", link.url()).as_str()), "{sent:?}");
    }
}
